import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { MediaFrame } from './frame.ts';
import { BatchMaker, type FrameBatch } from './frame-batch.ts';
import { HEADERS, TestSink, videoFrame } from './test-frames.ts';
import { ViewerQueue } from './viewer-queue.ts';

const LIMITS = { viewerQueueMs: 1_000, viewerQueueBytes: 100_000 };

function setUp(sink = new TestSink()) {
  return { sink, queue: new ViewerQueue(sink, LIMITS) };
}

test('a joiner gets headers, then the GOP so far, from time 0', () => {
  const { sink, queue } = setUp();
  queue.join([videoFrame(5_000, { key: true }), videoFrame(4_990, { kind: 'audio' }), videoFrame(5_033)]);
  queue.offer(videoFrame(5_066));
  // the sound from before the picture is left out
  expect(sink.summary).toBe('script-header@0 video-header@0 audio-header@0 key@0 video@33 video@66');
});

test('without a GOP it waits for an IDR', () => {
  const { sink, queue } = setUp();
  queue.join([]);
  queue.offer(videoFrame(10));
  expect(queue.waitingForKey).toBe(true);
  queue.offer(videoFrame(20, { key: true }));
  expect(sink.summary).toMatch(/key@0$/);
});

test('only the headers that changed are sent again', () => {
  const { sink, queue } = setUp();
  queue.offer(videoFrame(0, { key: true }));
  sink.tags.length = 0;
  queue.offer(videoFrame(40, { key: true, headers: { ...HEADERS, video: Uint8Array.of(9) } }));
  expect(sink.summary).toBe('video-header@40 key@40');
});

test("another publisher's headers are sent, even where they are the very same: who cuts by publishers needs them", () => {
  const { sink, queue } = setUp();
  queue.offer(videoFrame(0, { key: true, publication: 1 }));
  sink.tags.length = 0;
  queue.offer(videoFrame(40, { key: true, publication: 2, headers: { ...HEADERS } }));
  expect(sink.summary).toBe('script-header@40 video-header@40 audio-header@0 key@40');
});

test("a header that a frame of the other kind brings has its own kind's last time, so that no kind's times fall", () => {
  const { sink, queue } = setUp();
  const headers = { ...HEADERS, video: Uint8Array.of(8), audio: Uint8Array.of(9) };
  queue.offer(videoFrame(0, { key: true }));
  queue.offer(videoFrame(20, { kind: 'audio' }));
  sink.tags.length = 0;
  queue.offer(videoFrame(66, { headers }));
  queue.offer(videoFrame(41, { kind: 'audio', headers }));
  queue.offer(videoFrame(83, { kind: 'audio', headers: { ...headers, video: Uint8Array.of(7) } }));
  expect(sink.summary).toBe('video-header@66 audio-header@20 video@66 audio@41 video-header@66 audio@83');
});

test('frames are handed on, not copied', () => {
  const { sink, queue } = setUp();
  const frame = videoFrame(0, { key: true });
  queue.offer(frame);
  expect(sink.tags.at(-1)?.body).toBe(frame.body);
});

test('a connection that cannot go over to other tracks is ended', () => {
  const { sink, queue } = setUp(new TestSink({ video: true, audio: true }));
  queue.offer(videoFrame(0, { key: true }));
  queue.offer(videoFrame(40, { headers: { ...HEADERS, audio: null, tracks: { video: true, audio: false } } }));
  expect(sink.ended).toBe(true);
});

describe('a socket that takes nothing', () => {
  test('costs frames up to the next IDR, and says so once', () => {
    const { sink, queue } = setUp();
    queue.offer(videoFrame(0, { key: true }));
    sink.ready = false;
    const lost = [];
    for (let timestampMs = 100; timestampMs <= 2_000; timestampMs += 100) if (queue.offer(videoFrame(timestampMs))) lost.push(timestampMs);
    expect(lost).toEqual([1_200]);
    expect(queue).toMatchObject({ queuedMs: 0, droppedFrames: 20, waitingForKey: true, blocked: true });
    sink.ready = true;
    sink.tags.length = 0;
    queue.offer(videoFrame(2_100));
    queue.offer(videoFrame(2_200, { key: true }));
    queue.offer(videoFrame(2_300));
    expect(sink.summary).toBe('key@2200 video@2300');
  });

  test('keeps the young end of the queue where it begins with an IDR', () => {
    const { sink, queue } = setUp();
    queue.offer(videoFrame(0, { key: true }));
    sink.ready = false;
    for (let timestampMs = 100; timestampMs <= 1_200; timestampMs += 100)
      queue.offer(videoFrame(timestampMs, { key: timestampMs === 900 }));
    expect(queue).toMatchObject({ queuedMs: 300, droppedFrames: 8, waitingForKey: false });
    sink.ready = true;
    sink.tags.length = 0;
    queue.pump();
    expect(sink.summary).toBe('key@900 video@1000 video@1100 video@1200');
  });

  test('does not lose a long GOP that it was just given', () => {
    const { sink, queue } = setUp();
    sink.ready = false;
    queue.join(Array.from({ length: 40 }, (_, i) => videoFrame(i * 100, { key: i === 0 })));
    expect(queue.offer(videoFrame(4_000))).toBe(false);
    expect(queue.offer(videoFrame(5_000))).toBe(true);
  });

  test('is bounded in bytes too, for a publisher whose clock stands still', () => {
    const { sink, queue } = setUp();
    queue.offer(videoFrame(0, { key: true }));
    sink.ready = false;
    let lost = 0;
    for (let i = 1; i <= 20; i += 1) lost += queue.offer(videoFrame(i, { body: new Uint8Array(10_000) })) ? 1 : 0;
    expect(lost).toBe(1);
  });
});

describe('a batch', () => {
  /** takes batches like a socket's sink: `batches` holds what came as one */
  function setUpShared() {
    const { sink, queue } = setUp();
    const batches: [FrameBatch, number][] = [];
    let flushes = 0;
    Object.assign(sink, {
      flush: () => void (flushes += 1),
      writeBatch: (batch: FrameBatch, baseMs: number) => batches.push([batch, baseMs]) > 0,
    });
    const maker = new BatchMaker();
    const give = (...frames: MediaFrame[]) => {
      for (const frame of frames) maker.add(frame);
      const batch = maker.take() as FrameBatch;
      return { batch, isLost: queue.offerBatch(batch) };
    };
    return { sink, queue, batches, give, flushes: () => flushes };
  }
  const sound = (timestampMs: number, change = {}) => videoFrame(timestampMs, { kind: 'audio', ...change });

  test('goes out in one flush; as one to who has what came before it', () => {
    const { sink, batches, give, flushes } = setUpShared();
    give(videoFrame(1_000, { key: true }), sound(1_010));
    expect([batches.length, flushes()]).toEqual([0, 1]); // it gets headers, and counts from its first picture
    const { batch } = give(videoFrame(1_033), sound(1_031), videoFrame(1_066));
    expect(batches).toEqual([[batch, 1_000]]);
    expect(sink.summary).toMatch(/key@0 audio@10$/);
  });

  test.each([
    ['new headers', [videoFrame(66, { headers: { ...HEADERS, video: Uint8Array.of(9) } })]],
    ['headers that change within it', [videoFrame(66), videoFrame(99, { headers: { ...HEADERS, video: Uint8Array.of(9) } })]],
    ['more bytes than are worth a copy', [videoFrame(66, { body: new Uint8Array(70_000) })]],
  ])('with %s is written frame by frame', (_, frames) => {
    const { sink, batches, give } = setUpShared();
    give(videoFrame(0, { key: true }), sound(10), videoFrame(33));
    give(...frames);
    expect(batches).toEqual([]);
    expect(sink.tags.flatMap(({ frame }) => frame ?? []).slice(3)).toEqual(frames);
  });

  test('of a track that begins is written frame by frame, and sound from before the first picture is left out', () => {
    const { sink, batches, give } = setUpShared();
    give(videoFrame(1_000, { key: true }));
    give(sound(990));
    give(videoFrame(1_033), sound(1_040));
    expect(sink.summary).toMatch(/key@0 video@33 audio@40$/);
    give(videoFrame(1_066));
    expect(batches.map(([, baseMs]) => baseMs)).toEqual([1_000]);
  });

  test('waits frame by frame for a socket that is full; with the queue sent, the next goes as one again', () => {
    const { sink, queue, batches, give } = setUpShared();
    give(videoFrame(0, { key: true }), sound(10));
    sink.ready = false;
    give(videoFrame(33), sound(40));
    give(videoFrame(66));
    sink.ready = true;
    queue.pump();
    expect(sink.summary).toMatch(/key@0 audio@10 video@33 audio@40 video@66$/);
    give(videoFrame(99));
    expect(batches).toHaveLength(1);
  });

  test('goes to nobody who waits for an IDR, and says who lost its place', () => {
    const { sink, batches, give } = setUpShared();
    give(videoFrame(0, { key: true }));
    sink.ready = false;
    expect(give(videoFrame(700), videoFrame(1_800)).isLost).toBe(true);
    sink.ready = true;
    expect(give(videoFrame(1_900)).isLost).toBe(false);
    give(videoFrame(2_000, { key: true }));
    expect([batches.length, sink.summary.split(' ').at(-1)]).toEqual([0, 'key@2000']);
  });
});

test('property: whatever the socket does, what comes out decodes, in order, and the queue stays in its bounds', () => {
  const step = fc.record({ key: fc.boolean(), ready: fc.boolean(), stepMs: fc.integer({ min: 1, max: 400 }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const { sink, queue } = setUp();
      let timestampMs = 0;
      const sentAll: number[] = [];
      for (const { key, ready, stepMs } of steps) {
        timestampMs += stepMs;
        sink.ready = ready;
        sentAll.push(timestampMs);
        queue.offer(videoFrame(timestampMs, { key }));
        expect(queue.queuedMs).toBeLessThanOrEqual(LIMITS.viewerQueueMs);
      }
      const shown = sink.tags.flatMap(({ frame }) => frame ?? []);
      shown.forEach((frame, i) => {
        const before = shown[i - 1];
        const follows = before !== undefined && sentAll.indexOf(frame.timestampMs) === sentAll.indexOf(before.timestampMs) + 1;
        expect(frame.key || follows).toBe(true);
      });
    }),
  );
});
