import { tmpdir } from 'node:os';
import { expect, test, vi } from 'vitest';
import { DEFAULT_PROFILE, OwnVideo, renditionOf } from '../../../src-shared/domain/index.ts';
import { scriptedShow } from '../../../tests/support/scripted-show.ts';
import type { MediaHeader } from '../../process/packet.ts';
import type { PublisherSet } from './publisher-set.ts';
import { StreamEncodes, wantsOf } from './stream-encodes.ts';

const UPRIGHT = OwnVideo.parse({ widthPx: 1_080, heightPx: 1_920, frameRate: 30, bitrateKbps: 4_000 });

test('between those who have gone and those who come no encode is opened or closed', async () => {
  const { program, scripted } = scriptedShow(tmpdir());
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const encodes = new StreamEncodes({ program, publishers: { connections: [] } as unknown as PublisherSet, log });
  const bases = new Map([[renditionOf(UPRIGHT), UPRIGHT]]);
  await program.change({ ...wantsOf(bases), streaming: true });
  encodes.reset(bases);
  encodes.prune();
  await program.change({}); // after what that has begun
  expect(scripted.plans.map(({ renditions }) => renditions.map(({ id }) => id))).toEqual([[...bases.keys()], [...bases.keys()]]);
});

test("who had the sound in AAC beside a show in Opus gets the show's with its header, not only when all pictures are there", async () => {
  const { program, scripted } = scriptedShow(tmpdir());
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  let settled = 0;
  const publishers = { connections: [], settle: () => void (settled += 1), foresee: () => [] } as unknown as PublisherSet;
  const encodes = new StreamEncodes({ program, publishers, log });
  await program.change({ streaming: true }, DEFAULT_PROFILE);
  const late: MediaHeader[] = [];
  const emit = scripted.headers.emit.bind(scripted.headers);
  scripted.headers.emit = (header) => void (header.kind === 'video' ? late.push(header) : emit(header));
  const { video } = DEFAULT_PROFILE;
  const following = encodes.follow({ ...DEFAULT_PROFILE, video: { ...video, heightPx: 480 } }, true);
  await vi.waitUntil(() => late.length > 0);
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(settled).toBe(1);
  for (const header of late) emit(header);
  await following;
});
