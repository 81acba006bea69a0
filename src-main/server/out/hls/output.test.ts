import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { compareVariants, PlaylistFollower } from '../../../../tests/support/hls-checker.ts';
import { buildAvcConfig, joinAvcc } from '../../../wire/codec-config.ts';
import { buildAacBody, buildAvcBody } from '../../../wire/flv.ts';
import type { MediaFrame } from '../../hub/frame.ts';
import { LiveStream } from '../../hub/live-stream.ts';
import type { PublisherLease } from '../../hub/publisher.ts';
import { rungsFor } from '../../ladder/policy.ts';
import { RungStream } from '../../ladder/rung-stream.ts';
import { pictureIn, readSource } from '../../ladder/source-picture.ts';
import { SERVER_LIMITS } from '../../limits.ts';
import type { HlsFormat } from './muxers.ts';
import { HlsOutput } from './output.ts';
import { ShowPlan } from './show-plan.ts';
import type { SegmentNumbers } from './window.ts';

// 1280×720, Constrained Baseline
const SPS = Uint8Array.from(Buffer.from('6742c01fda014016ec0440000003004000000f03c60ca8', 'hex'));
const avcC = buildAvcConfig([SPS], [Uint8Array.of(0x68, 0xcb, 0x83, 0xcb, 0x20)]);
const FIRST = { msn: 50, part: 500, init: 5, discontinuity: 0 };
const never = new AbortController().signal;

let stream: LiveStream;
let ended: SegmentNumbers[];
beforeEach(() => {
  vi.useFakeTimers();
  ended = [];
  stream = new LiveStream('live', SERVER_LIMITS, () => {});
});
afterEach(() => void vi.useRealTimers());

function publish(): PublisherLease {
  const lease = stream.publish({ dismiss: () => {} }) as PublisherLease;
  lease.metadata({ videocodecid: 7, audiocodecid: 10 });
  lease.media('video', 0, buildAvcBody({ key: true, packet: 'header', compositionMs: 0, data: avcC }));
  lease.media('audio', 0, buildAacBody({ packet: 'header', data: Uint8Array.of(0x11, 0x90) }));
  return lease;
}

const open = (format: HlsFormat = 'fmp4') =>
  new HlsOutput({
    stream,
    format,
    limits: SERVER_LIMITS,
    plan: new ShowPlan(SERVER_LIMITS, { msn: FIRST.msn, discontinuitiesAhead: 0 }, () => stream.longestGopMs),
    first: FIRST,
    onEnd: (next) => ended.push(next),
  });

/** Seconds of 30 pictures each, with an IDR at its begin, and sound. */
function play(lease: PublisherLease, seconds: number, fromMs: number): void {
  for (let i = 0; i < seconds * 30; i += 1) {
    const key = i % 30 === 0;
    const data = joinAvcc([Uint8Array.of(key ? 0x65 : 0x41, 1, 2, 3)]);
    lease.media('video', fromMs + Math.round((i * 100) / 3), buildAvcBody({ key, packet: 'nalu', compositionMs: 0, data }));
    lease.media('audio', fromMs + Math.round((i * 100) / 3), buildAacBody({ packet: 'frame', data: Uint8Array.of(0x21, i) }));
  }
}

describe.each(['fmp4', 'ts'] as const)('%s', (format) => {
  test('segments come of what is published', () => {
    const lease = publish();
    const output = open(format);
    play(lease, 6, 0);
    expect(output.window.listed.map(({ msn, durationMs }) => `${msn} ${durationMs}`)).toEqual(['50 1000', '51 2000', '52 2000']);
    expect(output.problem).toBeNull();
  });

  test('another publisher: what there was becomes whole, then a discontinuity; a broken picture is left out', () => {
    const first = publish();
    const output = open(format);
    play(first, 3, 0);
    first.media('video', 3_000, Uint8Array.of(0x27, 1, 0, 0, 0, 0, 0, 9, 9, 9));
    first.release();
    const second = publish();
    play(second, 4, 90_000);
    expect(output.window.listed.map(({ discontinuities }) => discontinuities)).toEqual([0, 0, 1, 0]);
    expect(output.playlist({ skip: false, reports: [] }).match(/#EXT-X-DISCONTINUITY\n/g)?.length).toBe(1);
  });
});

/** A rung of the stream, of the source's own pictures. */
function mirror(): LiveStream {
  const [plan] = rungsFor({ codec: 'h264', widthPx: 1_280, heightPx: 720, frameRate: 30, bitrateKbps: 2_000 });
  const rung = new RungStream(stream, plan as NonNullable<typeof plan>, SERVER_LIMITS, () => {});
  const take = (frame: MediaFrame) => {
    const { epoch, headers, kind, timestampMs: dtsMs, compositionMs, key, body, arrivedAtMs, aligned } = frame;
    if (rung.epoch !== epoch) {
      rung.begin(epoch, readSource(headers, stream.gop), headers.audio);
      rung.header(avcC);
    }
    if (kind === 'audio') return rung.sound(frame);
    const data = pictureIn(body) as Uint8Array;
    rung.picture({ dtsMs, ptsMs: dtsMs + compositionMs, key, data }, { epoch, arrivedAtMs, aligned });
  };
  stream.watch({ ready: true, accepts: () => true, write: (tags) => tags.forEach(({ frame }) => frame && take(frame)), end: () => {} });
  return rung.stream;
}

test('a publisher who left before a segment came of it counts in every rendition, whether it was there or came later', () => {
  const plan = new ShowPlan(SERVER_LIMITS, { msn: FIRST.msn, discontinuitiesAhead: 0 }, () => stream.longestGopMs);
  const outputOf = (made: LiveStream) =>
    new HlsOutput({ stream: made, format: 'fmp4', limits: SERVER_LIMITS, plan, first: FIRST, onEnd: () => {} });
  const [source, stayed] = [outputOf(stream), outputOf(mirror())];
  const [follower, other] = [new PlaylistFollower(), new PlaylistFollower()];
  const reload = () =>
    [follower.take(source.playlist({ skip: false, reports: [] })), other.take(stayed.playlist({ skip: false, reports: [] }))] as const;
  const first = publish();
  play(first, 5, 0);
  reload();
  first.release();
  vi.setSystemTime(Date.now() + 20_000);
  publish().release(); // came, and left without a picture
  const third = publish();
  play(third, 3, 0);
  const came = outputOf(mirror());
  play(third, 5, 3_000);
  const [one, two] = reload();
  const late = new PlaylistFollower().take(came.playlist({ skip: false, reports: [] }));
  expect(one.segments.map(({ discontinuity }) => discontinuity)).toEqual([0, 0, 0, 2, 2, 2, 2, 2]);
  expect([...follower.complaints, ...other.complaints]).toEqual([]);
  expect(compareVariants(one, two)).toEqual([]);
  expect(compareVariants(one, late)).toEqual([]);
});

test('the target duration comes of the publisher’s GOPs, and stays', () => {
  const lease = publish();
  expect(open().targetDurationS).toBe(4); // nobody knows
  play(lease, 3, 0);
  const output = open();
  expect(output.targetDurationS).toBe(2);
  for (let i = 0; i < 300; i += 1) {
    const data = joinAvcc([Uint8Array.of(0x41, 1)]);
    lease.media('video', 3_000 + Math.round((i * 100) / 3), buildAvcBody({ key: false, packet: 'nalu', compositionMs: 0, data }));
  }
  expect(output.targetDurationS).toBe(2);
  for (const { durationMs } of output.window.listed) expect(Math.round(durationMs / 1_000)).toBeLessThanOrEqual(2);
});

test('what the other rungs of a show say of it', () => {
  const lease = publish();
  const output = open();
  expect(output.report('../source/fmp4.m3u8')).toBeNull();
  play(lease, 4, 0);
  expect(output.report('a')).toEqual({ uri: 'a', lastMsn: 52, lastPart: 1 });
});

test('every sound is a place to begin at, also beside pictures', () => {
  const lease = publish();
  const output = open();
  play(lease, 2, 0);
  const head = Buffer.from(output.window.listed[0]?.parts[0]?.pieces[0] as Uint8Array);
  const sounds = head.subarray(head.lastIndexOf('trun'));
  const count = sounds.readUInt32BE(8);
  const flags = Array.from({ length: count }, (_, i) => sounds.readUInt32BE(16 + i * 16 + 8).toString(16));
  expect(new Set(flags)).toEqual(new Set(['2000000']));
});

test('nothing is copied into fragments: a part holds the very frames of the hub', () => {
  const lease = publish();
  const output = open();
  const body = buildAvcBody({ key: true, packet: 'nalu', compositionMs: 0, data: joinAvcc([Uint8Array.of(0x65, 7)]) });
  lease.media('video', 0, body);
  play(lease, 1, 33);
  const pieces = output.window.listed[0]?.parts[0]?.pieces ?? output.window.open?.parts[0]?.pieces ?? [];
  expect(pieces.some((piece) => piece.buffer === body.buffer)).toBe(true);
});

describe('waiting', () => {
  test('a part that is not there yet is waited for; one past a segment’s last is the first of the next', async () => {
    const lease = publish();
    const output = open();
    play(lease, 4, 0);
    expect(output.window.lastMsn).toBe(51);
    const outcomes: string[] = [];
    void output.awaitPlaylist(52, 3, never).then((outcome) => outcomes.push(`part ${outcome}`));
    void output.awaitPlaylist(51, 99, never).then((outcome) => outcomes.push(`past ${outcome}`));
    await vi.advanceTimersByTimeAsync(0);
    expect(outcomes).toEqual(['past there']); // 52.0
    play(lease, 1, 4_000);
    await vi.advanceTimersByTimeAsync(0);
    expect(outcomes).toEqual(['past there', 'part there']);
  });

  test('three target durations at most, and not for who left', async () => {
    const output = open();
    publish();
    const late = output.awaitPlaylist(51, null, never);
    const gone = new AbortController();
    const left = output.awaitPlaylist(51, null, gone.signal);
    gone.abort();
    expect(await left).toBe('ended');
    await vi.advanceTimersByTimeAsync(3 * output.targetDurationS * 1_000);
    expect(await late).toBe('late');
  });

  test('too far ahead', () => {
    const lease = publish();
    const output = open();
    play(lease, 4, 0);
    expect(output.isTooFar(53, null)).toBe(false);
    expect(output.isTooFar(54, null)).toBe(true);
    expect(output.isTooFar(52, 9)).toBe(false);
    expect(output.isTooFar(52, 20)).toBe(true);
    expect(output.isTooFar(51, 20)).toBe(false);
  });
});

describe('who watches', () => {
  test('the output counts for as many as ask it for playlists', async () => {
    const output = open();
    expect(stream.viewers).toBe(0);
    const place = () => () => {};
    output.viewers.see('a', performance.now(), place);
    output.viewers.see('b', performance.now(), place);
    expect(stream.viewers).toBe(2);
    await vi.advanceTimersByTimeAsync(8_000);
    output.viewers.see('b', performance.now(), place);
    await vi.advanceTimersByTimeAsync(8_000);
    expect(stream.viewers).toBe(1);
  });

  test('it ends 30 s after the last request, and the next goes on behind its numbers', async () => {
    const lease = publish();
    const output = open();
    play(lease, 3, 0);
    await vi.advanceTimersByTimeAsync(29_000);
    expect(ended).toEqual([]);
    output.touch();
    await vi.advanceTimersByTimeAsync(29_000);
    expect(ended).toEqual([]);
    await vi.advanceTimersByTimeAsync(3_000);
    expect(ended).toEqual([{ msn: 52, part: output.window.next.part, init: 6, discontinuity: 0 }]);
    play(lease, 3, 3_000);
    expect(output.window.next.msn).toBe(52);
  });

  test('a publisher that left: its last segment becomes whole within a second', async () => {
    const lease = publish();
    const output = open();
    play(lease, 4, 0);
    lease.release();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(output.window.open).toBeNull();
    expect(output.window.listed.reduce((sum, { durationMs }) => sum + durationMs, 0)).toBeCloseTo(4_000, -2);
  });
});

describe('what does not fit', () => {
  test('frames that come before their header wait for it, and cost nobody the show', () => {
    const lease = stream.publish({ dismiss: () => {} }) as PublisherLease;
    const output = open();
    lease.media('audio', 0, buildAacBody({ packet: 'frame', data: Uint8Array.of(0x21, 1) }));
    lease.media('video', 0, buildAvcBody({ key: true, packet: 'nalu', compositionMs: 0, data: joinAvcc([Uint8Array.of(0x65, 1, 2, 3)]) }));
    lease.media('audio', 10, buildAacBody({ packet: 'frame', data: Uint8Array.of(0x21, 1) }));
    expect(output.problem).toBeNull();
    lease.media('video', 33, buildAvcBody({ key: true, packet: 'header', compositionMs: 0, data: avcC }));
    lease.media('audio', 33, buildAacBody({ packet: 'header', data: Uint8Array.of(0x11, 0x90) }));
    play(lease, 4, 33);
    expect(output.problem).toBeNull();
    expect(output.window.listed.length).toBeGreaterThan(1);
    expect(output.streamFormat).toMatchObject({ video: { codec: 'h264' }, audio: { codec: 'aac' } });
  });

  test('a header that cannot be read is made up for by a good one of its kind, and by no other', () => {
    const lease = stream.publish({ dismiss: () => {} }) as PublisherLease;
    const output = open();
    lease.media('video', 0, buildAvcBody({ key: true, packet: 'header', compositionMs: 0, data: Uint8Array.of(1, 2) }));
    lease.media('audio', 0, buildAacBody({ packet: 'header', data: Uint8Array.of(0x11, 0x90) }));
    play(lease, 1, 0);
    expect(output.problem).not.toBeNull();
    lease.media('video', 1_000, buildAvcBody({ key: true, packet: 'header', compositionMs: 0, data: avcC }));
    play(lease, 4, 1_000);
    expect(output.problem).toBeNull();
    expect(output.window.listed.length).toBeGreaterThan(1);
  });

  test('VP9 has no place, and says so', () => {
    const lease = stream.publish({ dismiss: () => {} }) as PublisherLease;
    const output = open();
    lease.media('video', 0, Uint8Array.from([0x90, ...Buffer.from('vp09'), 1, 2, 3]));
    lease.media('video', 0, Uint8Array.from([0x91, ...Buffer.from('vp09'), 1, 2, 3]));
    expect(output.problem).toContain('vp09');
  });

  test('Opus has no place in MPEG-TS', () => {
    const lease = stream.publish({ dismiss: () => {} }) as PublisherLease;
    const head = Buffer.from('4f707573486561640102380180bb0000000000', 'hex');
    const opus = (type: number, data: Uint8Array) => Uint8Array.from([0x90 | type, ...Buffer.from('Opus'), ...data]);
    lease.media('audio', 0, opus(0, head));
    const [ts, fmp4] = [open('ts'), open('fmp4')];
    for (let i = 0; i < 400; i += 1) lease.media('audio', i * 20, opus(1, Uint8Array.of(0xfc, 1, 2)));
    expect(ts.problem).toContain('Opus has no place');
    expect(fmp4.problem).toBeNull();
    expect(fmp4.window.listed.length).toBeGreaterThan(2);
  });
});
