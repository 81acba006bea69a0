/** What leaves for a viewer, byte for byte. */
import { PassThrough, type Writable } from 'node:stream';
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

function viewer(sinkOf: (socket: Writable) => ViewerSink) {
  const socket = new PassThrough({ highWaterMark: 100_000_000 });
  return { queue: new ViewerQueue(sinkOf(socket), LIMITS), bytes: () => (socket.read() as Buffer | null) ?? Buffer.alloc(0) };
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
  test('property: who gets batches, from wherever it joins, gets what it would get frame by frame', () => {
    fc.assert(
      fc.property(show, fc.nat({ max: 20 }), (batches, joinsAt) => {
        const maker = new BatchMaker();
        const [early, late, alone] = [viewer(sinkOf), viewer(sinkOf), viewer(sinkOf)];
        const lateAlone = viewer(sinkOf);
        batches.forEach((frames, i) => {
          if (i === joinsAt) for (const { queue } of [late, lateAlone]) queue.join([]);
          for (const frame of frames) {
            maker.add(frame);
            alone.queue.offer(frame);
            if (i >= joinsAt) lateAlone.queue.offer(frame);
          }
          const batch = maker.take() as FrameBatch;
          early.queue.offerBatch(batch);
          if (i >= joinsAt) late.queue.offerBatch(batch);
        });
        expect(early.bytes().equals(alone.bytes())).toBe(true);
        expect(late.bytes().equals(lateAlone.bytes())).toBe(true);
      }),
    );
  });

  test('viewers who began at the same picture get one buffer', () => {
    const maker = new BatchMaker();
    const sockets = [1, 2].map(() => new PassThrough({ highWaterMark: 100_000 }));
    const queues = sockets.map((socket) => new ViewerQueue(sinkOf(socket), LIMITS));
    const give = (...frames: MediaFrame[]) => {
      for (const frame of frames) maker.add(frame);
      const batch = maker.take() as FrameBatch;
      for (const queue of queues) queue.offerBatch(batch);
      return sockets.map((socket) => socket.read() as Buffer);
    };
    give(videoFrame(100, { key: true }), videoFrame(110, { kind: 'audio' }));
    const [first, second] = give(videoFrame(133, { body: new Uint8Array(3_000) }), videoFrame(166));
    expect(first?.buffer).toBe(second?.buffer);
    expect([first?.byteOffset, first?.length]).toEqual([second?.byteOffset, second?.length]);
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
