import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { parseMetadata } from '../../wire/flv.ts';
import { SERVER_LIMITS } from '../limits.ts';
import { LiveStream } from './live-stream.ts';
import type { PublisherLease } from './publisher.ts';
import { TestSink } from './test-frames.ts';

const VIDEO_HEADER = Uint8Array.of(0x17, 0, 0, 0, 0, 1);
const AUDIO_HEADER = Uint8Array.of(0xaf, 0, 0x11, 0x90);
const IDR = Uint8Array.of(0x17, 1, 0, 0, 0, 1);
const PICTURE = Uint8Array.of(0x27, 1, 0, 0, 0, 1);
const SOUND = Uint8Array.of(0xaf, 1, 1);

let wanted: number[];
let stream: LiveStream;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance', 'Date', 'setTimeout', 'clearTimeout'] });
  wanted = [];
  stream = new LiveStream('live', SERVER_LIMITS, () => wanted.push(performance.now()));
});
afterEach(() => void vi.useRealTimers());

function publish(dismiss = () => {}): PublisherLease {
  const lease = stream.publish({ dismiss }) as PublisherLease;
  lease.metadata({ width: 640, duration: 12, videocodecid: 7, audiocodecid: 10 });
  lease.media('video', 0, VIDEO_HEADER.slice());
  lease.media('audio', 0, AUDIO_HEADER.slice());
  return lease;
}

test('a viewer stays through a publisher that leaves and returns, on one timeline, with fresh headers', () => {
  const sink = new TestSink();
  stream.watch(sink);
  const first = publish();
  first.media('video', 700, IDR);
  first.media('video', 733, PICTURE);
  first.release();
  const second = publish();
  second.media('video', 50, PICTURE); // nothing that a decoder has comes before it: left out
  second.media('video', 90, IDR);
  expect(sink.summary.replaceAll(/\w+-header@/g, 'h@')).toBe('h@0 h@0 h@0 key@0 video@33 h@113 h@113 h@0 key@113');
});

test('metadata are passed on without what only files have', () => {
  const sink = new TestSink();
  stream.watch(sink);
  publish().media('video', 0, IDR);
  expect(parseMetadata(sink.tags[0]?.body as Uint8Array)).toEqual({ width: 640, videocodecid: 7, audiocodecid: 10 });
});

test('sound alone plays from any frame', () => {
  const lease = stream.publish({ dismiss: () => {} });
  lease?.media('audio', 0, AUDIO_HEADER);
  const sink = new TestSink();
  stream.watch(sink);
  lease?.media('audio', 23, SOUND);
  expect(sink.summary).toBe('audio-header@0 key@0');
});

test('a publisher that sends keeps the stream; one that fell silent gives way', () => {
  const dismiss = vi.fn();
  const first = publish(dismiss);
  vi.advanceTimersByTime(1_000);
  first.media('video', 0, IDR);
  vi.advanceTimersByTime(1_000);
  expect(stream.publish({ dismiss: () => {} })).toBeNull();
  vi.advanceTimersByTime(1_000);
  const second = publish();
  expect(dismiss).toHaveBeenCalledOnce();
  first.release(); // the old connection ends at last: not the new publisher's end
  expect(stream.publishing).toBe(true);
  second.release();
  expect(stream.publishing).toBe(false);
});

test('joiners of an old GOP ask for an IDR, at most once a second; an IDR that comes by itself settles it', () => {
  const lease = publish();
  lease.media('video', 0, IDR);
  stream.watch(new TestSink());
  expect(wanted).toEqual([]); // the GOP is young
  lease.media('video', 1_500, PICTURE);
  for (let i = 0; i < 5; i += 1) stream.watch(new TestSink());
  expect(wanted).toHaveLength(1);
  vi.advanceTimersByTime(1_000);
  stream.tick();
  expect(wanted).toHaveLength(2); // for those who joined since
  stream.watch(new TestSink());
  lease.media('video', 3_000, IDR);
  vi.advanceTimersByTime(1_000);
  stream.tick();
  expect(wanted).toHaveLength(2);
});

test('fifty who ask at once get the IDR that the first one asked for', () => {
  expect(stream.requestIdr()).toBe('not-publishing');
  const lease = publish();
  lease.media('video', 0, IDR);
  vi.advanceTimersByTime(5_000);
  for (let i = 0; i < 50; i += 1) expect(stream.requestIdr()).toBe('asked');
  expect(wanted).toHaveLength(1);
  lease.media('video', 5_040, IDR);
  vi.advanceTimersByTime(5_000);
  expect(wanted).toHaveLength(1);
});

test('a publisher that can be asked over its own connection is; where nobody can, that is said', () => {
  const requestIdr = vi.fn();
  stream.publish({ dismiss: () => {}, requestIdr });
  expect(stream.requestIdr()).toBe('asked');
  expect([requestIdr.mock.calls.length, wanted.length]).toEqual([1, 0]);
  const deaf = new LiveStream('deaf', SERVER_LIMITS, null);
  deaf.publish({ dismiss: () => {} });
  expect(deaf.requestIdr()).toBe('cannot');
});

test('epochs count publishers and changes of format, not headers that are repeated', () => {
  const epochs: number[] = [];
  const lease = publish();
  const header = (level: number) => Uint8Array.of(0x17, 0, 0, 0, 0, level);
  const picture = (timestampMs: number) => {
    lease.media('video', timestampMs, IDR);
    epochs.push(stream.gop[0]?.epoch ?? -1);
  };
  lease.media('video', 0, header(1));
  picture(0);
  lease.media('video', 0, header(1));
  picture(1_000);
  lease.media('video', 0, header(2));
  picture(2_000);
  lease.release();
  publish().media('video', 0, IDR);
  expect([...epochs, stream.gop[0]?.epoch]).toEqual([0, 0, 1, 2]);
});

test('who waits too long for a publisher is let go, and so is who takes nothing', () => {
  const waiting = new TestSink();
  stream.watch(waiting);
  vi.advanceTimersByTime(SERVER_LIMITS.viewerWaitsMs - 1_000);
  stream.tick();
  expect(waiting.ended).toBe(false);
  vi.advanceTimersByTime(2_000);
  stream.tick();
  expect(waiting.ended).toBe(true);

  publish().media('video', 0, IDR);
  const stuck = new TestSink();
  stream.watch(stuck);
  stream.tick();
  stuck.ready = false;
  vi.advanceTimersByTime(SERVER_LIMITS.viewerStalledMs + 1_000);
  stream.tick();
  expect(stuck.ended).toBe(true);
});

test('a viewer whose socket is full whenever it is looked at, but drains in between, stays', () => {
  publish().media('video', 0, IDR);
  const slow = new TestSink();
  const viewer = stream.watch(slow);
  slow.ready = false;
  for (let ms = 0; ms < 3 * SERVER_LIMITS.viewerStalledMs; ms += 1_000) {
    vi.advanceTimersByTime(1_000);
    viewer.pump();
    stream.tick();
  }
  expect(slow.ended).toBe(false);
});

test('closing lets everyone go', () => {
  const dismiss = vi.fn();
  const sink = new TestSink();
  publish(dismiss);
  stream.watch(sink);
  stream.close();
  expect(dismiss).toHaveBeenCalledOnce();
  expect(sink.ended).toBe(true);
  expect(stream.stats()).toMatchObject({ publishing: false, viewers: 0, bitrateKbps: 0 });
});

test('statistics', () => {
  const lease = publish();
  for (let i = 0; i < 60; i += 1) {
    vi.advanceTimersByTime(50);
    lease.media('video', i * 50, i === 0 ? IDR : new Uint8Array([...PICTURE, ...new Uint8Array(6_244)]));
  }
  stream.watch(new TestSink());
  const stats = stream.stats();
  expect(stats).toMatchObject({ name: 'live', publishing: true, viewers: 1, gopCacheMs: 2_950 });
  expect(stats.bitrateKbps).toBeGreaterThan(900); // 6,250 bytes each 50 ms
  expect(stats.bitrateKbps).toBeLessThan(1_100);
});

test('before a crowd, pictures leave together, a few at a time; to a handful of viewers each leaves at once', () => {
  const lease = publish();
  lease.media('video', 0, IDR);
  const flushesOfThirty = () => {
    const sink = new TestSink();
    let flushes = 0;
    Object.assign(sink, { flush: () => void (flushes += 1) });
    stream.watch(sink);
    flushes = 0;
    for (let picture = 1; picture <= 30; picture += 1) {
      vi.advanceTimersByTime(33);
      lease.media('video', Math.round(performance.now()), PICTURE);
    }
    return flushes;
  };
  expect(flushesOfThirty()).toBe(30);
  for (let i = 0; i < 200; i += 1) stream.watch(Object.assign(new TestSink(), { flush: () => {} }));
  expect(flushesOfThirty()).toBe(8);
  lease.release(); // no timer is left
});
