/** A show begins with the encodes that come up; one destination's that does not costs the others nothing. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Destination, OwnVideo, type RenditionId, renditionOf } from '../../../src-shared/domain/index.ts';
import type { Failure } from '../../../src-shared/errors.ts';
import { nobody, scriptedShow } from '../../../tests/support/scripted-show.ts';
import { STREAM_RENDITION } from '../rendition/plan.ts';
import { comeUp } from './bases.ts';

const UPRIGHT = OwnVideo.parse({ widthPx: 1_080, heightPx: 1_920, frameRate: 30, bitrateKbps: 4_000 });
const OWN = renditionOf(UPRIGHT);
const upright = Destination.parse({ ...nobody, id: '22222222-2222-4222-8222-222222222222', name: 'Upright', video: UPRIGHT });
const SLOW: Failure = { code: 'encoder.open-failed', message: 'Too slow.' };

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tidecast-show-start-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A show of two encodes, of which these do not come up. */
function setUp(...missing: RenditionId[]) {
  const show = scriptedShow(folder);
  const { scripted, destinations } = show;
  destinations.push(upright);
  const emit = scripted.headers.emit.bind(scripted.headers);
  scripted.headers.emit = (header) => void ((header.kind === 'video' && missing.includes(header.renditionId)) || emit(header));
  const fail = async () => {
    await vi.waitUntil(() => scripted.plans.length > 0);
    await new Promise((resolve) => setTimeout(resolve, 20)); // the headers are waited for
    for (const renditionId of missing) scripted.failed.emit({ failure: { ...SLOW, message: renditionId }, renditionId });
  };
  return { ...show, fail };
}

test('one destination’s own encode that is not there yet keeps nobody else from going live', async () => {
  const { session, program, fail } = setUp(OWN);
  const [state] = await Promise.all([session.start(), fail()]);
  expect(state.phase).toBe('on-air');
  expect(session.publishers().map(({ rate }) => rate.renditionId)).toEqual([STREAM_RENDITION, OWN]);
  const bases = new Map([
    [STREAM_RENDITION, null],
    [OWN, UPRIGHT],
  ]);
  const [late] = await Promise.all([comeUp(program, bases), fail()]);
  expect([...late]).toEqual([[OWN, { ...SLOW, message: OWN }]]);
  await session.stop();
});

test('without any encode there is no show', async () => {
  const { session, fail } = setUp(STREAM_RENDITION, OWN);
  const [started] = await Promise.allSettled([session.start(), fail()]);
  expect(started).toMatchObject({ status: 'rejected', reason: { ...SLOW, message: STREAM_RENDITION } });
  expect(session.state.phase).toBe('idle');
});
