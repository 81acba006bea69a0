/** What leaves for a viewer, byte for byte. */
import { Writable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FlvReader, TAG } from '../../wire/flv.ts';
import { ChunkReader, ChunkWriter } from '../../wire/rtmp/chunk.ts';
import type { MediaFrame } from '../hub/frame.ts';
import { BatchMaker, type FrameBatch } from '../hub/frame-batch.ts';
import { videoFrame } from '../hub/test-frames.ts';
import { ViewerQueue, type ViewerSink } from '../hub/viewer-queue.ts';
import { FlvSink, ResponseTarget } from './flv-sink.ts';
import { RtmpSink } from './rtmp-sink.ts';

const LIMITS = { viewerQueueMs: 60_000, viewerQueueBytes: 10_000_000 };
const CHUNK_BYTES = 65_536;

const flv =
  (timeReferences = false) =>
  (socket: Writable) =>
    new FlvSink('flv', new ResponseTarget(socket as never, socket), { timeReferences });
function rtmp(socket: Writable): RtmpSink {
  const writer = new ChunkWriter();
  writer.setChunkSize(CHUNK_BYTES);
  return new RtmpSink(socket, writer, 1, () => {});
}

/** Like a socket it has copied the bytes when it says so: at once, or as long as it is `slow`, when `drain` is called. */
class Taker extends Writable {
  slow = false;
  readonly taken: Buffer[] = [];
  readonly seen: Buffer[] = [];
  #waiting: (() => void) | null = null;

  constructor() {
    super({ highWaterMark: 100_000_000 });
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: () => void): void {
    const take = () => {
      this.seen.push(chunk);
      this.taken.push(Buffer.from(chunk));
      callback();
    };
    if (this.slow) this.#waiting = take;
    else take();
  }

  async drain(): Promise<void> {
    this.slow = false;
    const take = this.#waiting;
    this.#waiting = null;
    take?.();
    await new Promise(setImmediate);
  }

  get bytes(): Buffer {
    return Buffer.concat(this.taken);
  }
}

function viewer(sinkOf: (socket: Writable) => ViewerSink) {
  const socket = new Taker();
  return { socket, queue: new ViewerQueue(sinkOf(socket), LIMITS), bytes: () => socket.bytes };
}

/** A stream's frames in batches of one to six, an IDR each second or so. */
const show = fc
  .array(
    fc.array(fc.record({ isSound: fc.boolean(), stepMs: fc.integer({ min: 1, max: 90 }), bytes: fc.integer({ min: 2, max: 9_000 }) }), {
      minLength: 1,
      maxLength: 6,
    }),
    { minLength: 3, maxLength: 25 },
  )
  .map((batches) => {
    let timestampMs = 16_777_000; // where a time needs its fourth byte, and RTMP the extended one
    let count = 0;
    return batches.map((steps) =>
      steps.map(({ isSound, stepMs, bytes }): MediaFrame => {
        timestampMs += stepMs;
        count += 1;
        const body = new Uint8Array(bytes).fill(count);
        return videoFrame(timestampMs, isSound ? { kind: 'audio', body } : { body, key: count % 11 === 1 });
      }),
    );
  });

describe.each([
  ['FLV', flv()],
  ['RTMP', rtmp],
] as const)('%s', (_, sinkOf) => {
  test('property: who gets batches, from wherever it joins and however slow, gets what it would get frame by frame', async () => {
    await fc.assert(
      fc.asyncProperty(show, fc.nat({ max: 20 }), fc.infiniteStream(fc.nat({ max: 3 })), async (batches, joinsAt, slowness) => {
        const maker = new BatchMaker();
        const viewers = [0, 0, joinsAt, joinsAt].map((at) => ({ at, shared: viewer(sinkOf), alone: viewer(sinkOf) }));
        for (const [i, frames] of batches.entries()) {
          for (const frame of frames) maker.add(frame);
          const batch = maker.take() as FrameBatch;
          for (const { at, shared, alone } of viewers) {
            if (i < at) continue;
            for (const frame of frames) alone.queue.offer(frame);
            shared.socket.slow ||= slowness.next().value === 0;
            shared.queue.offerBatch(batch);
            if (slowness.next().value === 1) await shared.socket.drain();
          }
        }
        for (const { shared, alone } of viewers) {
          await shared.socket.drain();
          expect(shared.bytes().equals(alone.bytes())).toBe(true);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('viewers are written from one buffer', () => {
    const maker = new BatchMaker();
    const viewers = [viewer(sinkOf), viewer(sinkOf)];
    const give = (...frames: MediaFrame[]) => {
      for (const frame of frames) maker.add(frame);
      const batch = maker.take() as FrameBatch;
      for (const { queue } of viewers) queue.offerBatch(batch);
    };
    give(videoFrame(100, { key: true }), videoFrame(110, { kind: 'audio' }));
    give(videoFrame(133, { body: new Uint8Array(3_000) }), videoFrame(166));
    const [first, second] = viewers.map(({ socket }) => socket.seen.at(-1) as Buffer);
    expect(first).toBe(second);
  });
});

test('RTMP messages of a batch are read as they were meant, in times that count from the viewer’s first', () => {
  const { queue, bytes } = viewer(rtmp);
  const maker = new BatchMaker();
  for (const times of [[5_000], [5_010, 5_033], [5_066, 5_100]]) {
    for (const timestampMs of times) maker.add(videoFrame(timestampMs, { key: timestampMs === 5_000, body: new Uint8Array(200) }));
    queue.offerBatch(maker.take() as FrameBatch);
  }
  const reader = new ChunkReader();
  reader.feed(Uint8Array.of(2, 0, 0, 0, 0, 0, 4, 1, 0, 0, 0, 0, 0, 1, 0, 0)); // Set Chunk Size
  const pictures = reader.feed(bytes()).filter(({ type, payload }) => type === TAG.video && payload.length === 200);
  expect(pictures.map(({ timestampMs }) => timestampMs)).toEqual([0, 10, 33, 66, 100]);
});

test('property: two streams of one RTMP connection share its chunk streams, and get what they would get frame by frame', () => {
  const turns = fc.array(fc.nat({ max: 1 }), { minLength: 6, maxLength: 50 });
  fc.assert(
    fc.property(show, show, turns, (one, two, order) => {
      const [shared, alone] = [0, 1].map(() => {
        const writer = new ChunkWriter();
        writer.setChunkSize(CHUNK_BYTES);
        const socket = new Taker();
        const queues = [1, 2].map((streamId) => new ViewerQueue(new RtmpSink(socket, writer, streamId, () => {}), LIMITS));
        return { socket, queues };
      }) as [{ socket: Taker; queues: ViewerQueue[] }, { socket: Taker; queues: ViewerQueue[] }];
      const streams = [one, two].map((batches) => ({ batches: [...batches], maker: new BatchMaker() }));
      for (const which of order) {
        const { batches, maker } = streams[which] as (typeof streams)[number];
        const frames = batches.shift() ?? [];
        for (const frame of frames) maker.add(frame);
        const batch = maker.take();
        if (!batch) continue;
        shared.queues[which]?.offerBatch(batch);
        for (const frame of frames) alone.queues[which]?.offer(frame);
      }
      expect(shared.socket.bytes.equals(alone.socket.bytes)).toBe(true);
    }),
    { numRuns: 60 },
  );
});

test('who asks for the server’s clock is told each half second, and at each IDR, before the pictures', () => {
  const { queue, bytes } = viewer(flv(true));
  const maker = new BatchMaker();
  const batch = (...frames: MediaFrame[]) => {
    for (const frame of frames) maker.add(frame);
    queue.offerBatch(maker.take() as FrameBatch);
  };
  batch(videoFrame(0, { key: true }), videoFrame(5, { kind: 'audio' }));
  batch(videoFrame(33), videoFrame(66));
  batch(videoFrame(500), videoFrame(533));
  batch(videoFrame(566), videoFrame(600, { key: true }));
  const tags = new FlvReader().feed(bytes());
  const clocks = tags.filter(({ type, data }) => type === TAG.script && data.length > 10).map(({ timestampMs }) => timestampMs);
  expect(clocks).toEqual([0, 500, 566]);
  const times = tags.filter(({ type }) => type !== TAG.audio).map(({ timestampMs }) => timestampMs);
  expect(times).toEqual([...times].sort((a, b) => a - b));
});
