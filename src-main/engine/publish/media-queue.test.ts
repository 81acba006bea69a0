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
  expect(queue.wantsIdr).toBe(true);
  expect(pushAll(queue, [audio(0), video(0), video(33, true), audio(34), video(66)])).toBe(1);
  expect(queue.wantsIdr).toBe(false);
  expect(drain(queue)).toEqual(['I33', 'a34', 'P66']);
});

test('late, it drops the video and keeps the sound; an IDR is taken once half of that has gone', () => {
  const queue = new MediaQueue(100);
  expect(pushAll(queue, [video(0, true), audio(10), video(50), video(100), audio(110)])).toBe(0);
  expect(pushAll(queue, [video(150)])).toBe(4);
  expect(queue.wantsIdr).toBe(false); // the sound of 140 ms ago still waits
  expect(pushAll(queue, [video(160, true), video(170)])).toBe(2);
  expect(queue.shift()).toMatchObject({ packet: { kind: 'audio', ptsUs: 10_000 } });
  pushAll(queue, [audio(150)]);
  expect(queue.wantsIdr).toBe(true);
  expect(pushAll(queue, [video(155), video(160, true), video(190)])).toBe(1);
  expect(drain(queue)).toEqual(['a110', 'a150', 'I160', 'P190']);
});

test('what has left the queue and has not arrived makes it late, too', () => {
  let aheadUs: number | null = null;
  const queue = new MediaQueue(100, (kind) => (kind === 'video' ? aheadUs : null));
  pushAll(queue, [video(0, true), video(33)]);
  drain(queue);
  aheadUs = 0;
  expect(pushAll(queue, [video(66), video(99), video(132)])).toBe(3);
  expect(pushAll(queue, [video(165, true)])).toBe(1);
  aheadUs = 150_000;
  expect(queue.wantsIdr).toBe(true);
  expect(pushAll(queue, [video(198, true)])).toBe(0);
  expect(drain(queue)).toEqual(['I198']);
});

test('an encoder that is later with the picture than with the sound makes neither late on its way', () => {
  const queue = new MediaQueue(100);
  expect(pushAll(queue, [video(0, true), audio(2_000), video(33), audio(2_020), video(66)])).toBe(0);
  expect(queue.length).toBe(5);
});

test('told to drop, it drops what waits and goes on from an IDR', () => {
  const queue = new MediaQueue(1_000);
  pushAll(queue, [video(0, true), audio(1), video(33)]);
  expect(queue.dropToIdr()).toBe(2);
  expect([queue.bytes, queue.wantsIdr]).toEqual([4, true]);
  expect(pushAll(queue, [video(66), video(99, true)])).toBe(1);
  expect(drain(queue)).toEqual(['a1', 'I99']);
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
  expect([queue.bytes, queue.length, queue.wantsIdr, queue.oldestUs('video'), queue.oldestUs('audio')]).toEqual([0, 0, true, null, null]);
});

test('property: whatever is taken and lost, every P picture follows its predecessor, what waits is never late, no sound is lost', () => {
  const step = fc.record({ kind: fc.constantFrom('I', 'P', 'a'), take: fc.integer({ min: 0, max: 3 }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const queue = new MediaQueue(300);
      const sent: MediaPacket[] = [];
      const waiting: MediaPacket[] = [];
      let [frames, dropped, sounds, began] = [0, 0, 0, false];
      for (const [i, { kind, take }] of steps.entries()) {
        const packet = kind === 'a' ? audio(i * 33) : { ...video(i * 33, kind === 'I'), tick: frames };
        if (packet.kind === 'video') frames += 1;
        else if (began) sounds += 1;
        const lost = queue.push(packet);
        began ||= kind === 'I';
        dropped += lost;
        if (packet.kind === 'video' && lost === 0) expect(i * 33_000 - (queue.oldestUs('video') ?? 0)).toBeLessThanOrEqual(300_000);
        for (let n = 0; n < take; n += 1) {
          const item = queue.shift();
          if (item?.type === 'packet') sent.push(item.packet);
        }
      }
      for (let item = queue.shift(); item; item = queue.shift()) if (item.type === 'packet') waiting.push(item.packet);
      const videos = [...sent, ...waiting].filter((packet) => packet.kind === 'video');
      expect(videos.length + dropped).toBe(frames);
      for (const [i, packet] of videos.entries()) {
        if (!packet.key) expect(packet.tick).toBe((videos[i - 1]?.tick ?? Number.NaN) + 1);
      }
      expect([...sent, ...waiting].filter(({ kind }) => kind === 'audio')).toHaveLength(sounds);
    }),
  );
});

test('a further track begins after the default one, with an IDR of its own, and again after a drop', () => {
  const further = (ms: number, key = false): VideoPacket => ({ ...video(ms, key), track: 1 });
  const queue = new MediaQueue(1_000);
  expect(pushAll(queue, [further(0, true), video(0, true), further(33)])).toBe(2);
  expect(queue.wantsIdr).toBe(true);
  expect(pushAll(queue, [video(33), video(66, true), further(66, true), further(100)])).toBe(0);
  expect(queue.wantsIdr).toBe(false);
  expect(drain(queue)).toEqual(['I0', 'P33', 'I66', 'I66', 'P100']);
  queue.dropToIdr();
  expect(pushAll(queue, [further(133, true), video(133), further(166)])).toBe(3);
  expect(pushAll(queue, [video(200, true), further(200), further(233, true)])).toBe(1);
  expect(drain(queue)).toEqual(['I200', 'I233']);
});
