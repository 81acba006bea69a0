import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RenditionId } from '../../../src-shared/domain/index.ts';
import type { AudioPacket, MediaPacket, VideoHeader, VideoPacket } from '../../process/packet.ts';
import { MediaQueue, type QueueItem } from './media-queue.ts';

const renditionId = RenditionId.parse('r');
const video = (ms: number, key = false): VideoPacket => ({
  kind: 'video',
  renditionId,
  ptsUs: ms * 1_000,
  dtsUs: ms * 1_000,
  durationUs: 33_000,
  key,
  data: new Uint8Array(10),
  tick: ms,
  captureTimeUs: 0,
  repeated: false,
});
const audio = (ms: number): AudioPacket => ({ kind: 'audio', ptsUs: ms * 1_000, durationUs: 21_000, data: new Uint8Array(4) });
const header: VideoHeader = {
  kind: 'video',
  renditionId,
  codec: 'h264',
  widthPx: 2,
  heightPx: 2,
  frameRate: 30,
  bitrateKbps: 1,
  config: new Uint8Array(1),
};

function drain(queue: MediaQueue): string[] {
  const out: string[] = [];
  for (let item = queue.shift(); item; item = queue.shift()) out.push(describe(item));
  return out;
}
function describe(item: QueueItem): string {
  if (item.type === 'header') return 'header';
  const { packet } = item;
  return packet.kind === 'audio' ? `a${packet.ptsUs / 1_000}` : `${packet.key ? 'I' : 'P'}${packet.dtsUs / 1_000}`;
}
/** @returns frames dropped */
const pushAll = (queue: MediaQueue, packets: MediaPacket[]) => packets.reduce((sum, packet) => sum + queue.push(packet), 0);

test('a connection begins with an IDR; sound before it is left out', () => {
  const queue = new MediaQueue(1_000);
  expect(queue.awaitsIdr).toBe(true);
  expect(pushAll(queue, [audio(0), video(0), video(33, true), audio(34), video(66)])).toBe(1);
  expect(queue.awaitsIdr).toBe(false);
  expect(drain(queue)).toEqual(['I33', 'a34', 'P66']);
});

test('full, it drops the video to the next IDR and keeps the sound', () => {
  const queue = new MediaQueue(100);
  const dropped = pushAll(queue, [
    video(0, true),
    audio(10),
    video(50),
    video(100),
    audio(110),
    video(150),
    video(200),
    audio(210),
    video(250, true),
  ]);
  expect(dropped).toBe(5); // 0, 50, 100 and 150 when it was full, 200 while it waited
  expect(drain(queue)).toEqual(['a10', 'a110', 'a210', 'I250']);
});

test('an IDR that waits already is enough', () => {
  const queue = new MediaQueue(100);
  expect(pushAll(queue, [video(0, true), video(50), video(90, true), audio(95), video(140)])).toBe(2);
  expect(queue.awaitsIdr).toBe(false);
  expect(drain(queue)).toEqual(['I90', 'a95', 'P140']);
});

test('a changed header keeps its place, and the picture waits for its IDR', () => {
  const queue = new MediaQueue(1_000);
  pushAll(queue, [video(0, true)]);
  queue.pushHeader(header);
  expect(pushAll(queue, [video(33), audio(40), video(66, true)])).toBe(1);
  expect(drain(queue)).toEqual(['I0', 'header', 'a40', 'I66']);
});

test('a restart empties it and counts the pictures', () => {
  const queue = new MediaQueue(1_000);
  pushAll(queue, [video(0, true), audio(1), video(33)]);
  expect(queue.bytes).toBe(24);
  expect(queue.restart()).toBe(2);
  expect([queue.bytes, queue.length, queue.awaitsIdr, queue.oldestUs]).toEqual([0, 0, true, null]);
});

test('property: whatever is taken and lost, every P picture follows its predecessor, the span is bounded, no sound is lost', () => {
  const step = fc.record({ kind: fc.constantFrom('I', 'P', 'a'), take: fc.integer({ min: 0, max: 3 }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const queue = new MediaQueue(300);
      const sent: MediaPacket[] = [];
      let frames = 0;
      let dropped = 0;
      let sounds = 0;
      for (const [i, { kind, take }] of steps.entries()) {
        const began = frames > 0 && !(queue.awaitsIdr && sent.length + queue.length === 0);
        if (kind === 'a') sounds += began && (queue.length > 0 || sent.length > 0) ? 1 : 0;
        else frames += 1;
        dropped += queue.push(kind === 'a' ? audio(i * 33) : { ...video(i * 33, kind === 'I'), tick: frames });
        for (let n = 0; n < take; n += 1) {
          const item = queue.shift();
          if (item?.type === 'packet') sent.push(item.packet);
        }
      }
      for (let item = queue.shift(); item; item = queue.shift()) if (item.type === 'packet') sent.push(item.packet);
      const videos = sent.filter((packet) => packet.kind === 'video');
      expect(videos.length + dropped).toBe(frames);
      for (const [i, packet] of videos.entries()) {
        if (!packet.key) expect(packet.tick).toBe((videos[i - 1]?.tick ?? Number.NaN) + 1);
      }
      expect(sent.filter(({ kind }) => kind === 'audio')).toHaveLength(sounds);
    }),
  );
});
