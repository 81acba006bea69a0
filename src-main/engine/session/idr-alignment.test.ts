import { expect, test } from 'vitest';
import { RenditionId } from '../../../src-shared/domain/index.ts';
import type { VideoPacket } from '../../process/packet.ts';
import { IdrAlignment } from './idr-alignment.ts';

const [LARGE, SMALL] = [RenditionId.parse('large'), RenditionId.parse('small')];
const GOP_MS = 2_000;
const idr = (renditionId: RenditionId, atMs: number, frameMs = 33): VideoPacket => ({
  kind: 'video',
  renditionId,
  ptsUs: atMs * 1_000,
  dtsUs: atMs * 1_000,
  durationUs: frameMs * 1_000,
  key: true,
  data: new Uint8Array(1),
  tick: 0,
  captureTimeUs: 0,
  repeated: false,
});

/** @returns when an IDR for both is due */
function play(packets: VideoPacket[], together = [LARGE, SMALL]): number[] {
  const alignment = new IdrAlignment();
  const sharing = (id: RenditionId) => (together.includes(id) ? together : [id]);
  return packets.filter((packet) => alignment.idr(packet, sharing(packet.renditionId))).map(({ ptsUs }) => ptsUs / 1_000);
}

const gops = (count: number, offsetMs: number) =>
  Array.from({ length: count }, (_, i) => [idr(LARGE, i * GOP_MS), idr(SMALL, i * GOP_MS + offsetMs)]).flat();

test.each([
  ['at the same pictures', gops(5, 0)],
  [
    'at the same, the small one first',
    gops(5, 0)
      .toReversed()
      .toSorted((a, b) => a.ptsUs - b.ptsUs),
  ],
  ['at half the frame rate, in the picture that contains it', gops(5, -20)],
  ['one asked for in the midst of a GOP', [...gops(2, 0), idr(LARGE, 2_500), idr(SMALL, 2_500), idr(LARGE, 4_500), idr(SMALL, 4_500)]],
  ['a single encode', gops(5, 0).filter(({ renditionId }) => renditionId === LARGE)],
])('none is due: %s', (_, packets) => expect(play(packets)).toEqual([]));

test('encodes whose IDRs have come apart get one together', () => {
  const [first] = play(gops(4, 700));
  expect(first).toBe(2_700); // the second that is seen apart
});

test('those that nobody has on one connection are left as they are', () => {
  expect(play(gops(5, 700), [LARGE])).toEqual([]);
});
