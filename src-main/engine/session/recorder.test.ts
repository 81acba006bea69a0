/** A recording that moves over to the stream's encode while shows end and the user stops it: never without an encode. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { DEFAULT_PROFILE, type RenditionId } from '../../../src-shared/domain/index.ts';
import { scriptedShow } from '../../../tests/support/scripted-show.ts';
import { RECORDING_RENDITION, STREAM_RENDITION } from '../rendition/plan.ts';

const SHARED = { ...DEFAULT_PROFILE, recording: { ...DEFAULT_PROFILE.recording, encode: 'shared' as const } };

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tidecast-recorder-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A recording with an encode of its own, ten pictures in, and a show beside it to whose encode it is about to move. */
async function startMove() {
  const show = scriptedShow(folder, SHARED);
  const { recorder, session, scripted, program } = show;
  /** Each picture bears its name, to be found in the file. */
  const give = (renditionId: RenditionId, tick: number, key = false) => {
    const time = { ptsUs: tick * 33_333, dtsUs: tick * 33_333, durationUs: 33_333, captureTimeUs: tick * 33_333 };
    const data = Buffer.from(`<${renditionId} ${tick}>`);
    scripted.packets.emit({ kind: 'video', renditionId, tick, key, repeated: false, data, ...time });
  };
  await recorder.start();
  const { path } = recorder.state as { path: string };
  for (let tick = 0; tick < 10; tick += 1) give(RECORDING_RENDITION, tick, tick === 0);
  session.started.on((over) => void recorder.joinStream(over));
  await session.start();
  await vi.waitUntil(() => scripted.idrs.includes(STREAM_RENDITION));
  expect(program.wants.recording).toBe('moving');
  for (let tick = 10; tick < 15; tick += 1) give(RECORDING_RENDITION, tick);
  return { ...show, path, give };
}

const picturesIn = (path: string) =>
  [...readFileSync(path, 'latin1').matchAll(/<(\w+) (\d+)>/g)].map(([, from, tick]) => `${from} ${tick}`);
const ticksOf = (from: RenditionId, first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, at) => `${from} ${first + at}`);

test('the show ends while the recording moves: it stays on its own encode at once, and misses nothing', async () => {
  const { recorder, session, program, path, give } = await startMove();
  const startMs = performance.now();
  await session.stop();
  for (let tick = 15; tick < 20; tick += 1) give(RECORDING_RENDITION, tick);
  await vi.waitUntil(() => program.wants.recording === 'own');
  expect(recorder.state).toMatchObject({ phase: 'recording', ownEncode: true });
  expect(program.wants).toMatchObject({ streaming: false });
  await recorder.stop();
  expect(performance.now() - startMs).toBeLessThan(2_500);
  expect(picturesIn(path)).toEqual(ticksOf(RECORDING_RENDITION, 0, 19));
});

test('the show ends at the moment of the move: the encode that the recording is on stays open', async () => {
  const { recorder, session, program, scripted, path, give } = await startMove();
  give(STREAM_RENDITION, 15, true);
  await session.stop();
  await vi.waitUntil(() => program.wants.recording === 'shared');
  expect(recorder.state).toMatchObject({ phase: 'recording', ownEncode: false });
  for (const { recorded, renditions } of scripted.plans) expect(renditions.map(({ id }) => id)).toContain(recorded ?? STREAM_RENDITION);
  for (let tick = 16; tick < 20; tick += 1) give(STREAM_RENDITION, tick);
  await recorder.stop();
  expect(picturesIn(path)).toEqual([...ticksOf(RECORDING_RENDITION, 0, 14), ...ticksOf(STREAM_RENDITION, 15, 19)]);
});

test.each(['stop', 'dispose'] as const)('%s does not wait for a move', async (end) => {
  const { recorder, session, path } = await startMove();
  const startMs = performance.now();
  await recorder[end]();
  expect(performance.now() - startMs).toBeLessThan(2_500);
  expect(recorder.state).toMatchObject({ phase: 'idle', failure: null });
  expect(picturesIn(path)).toEqual(ticksOf(RECORDING_RENDITION, 0, 14));
  await session.stop();
});
