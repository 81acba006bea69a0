import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { OwnVideo, renditionOf } from '../../../src-shared/domain/index.ts';
import { scriptedShow } from '../../../tests/support/scripted-show.ts';
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
