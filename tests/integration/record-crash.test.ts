/** Recordings whose engine is killed, whose disk is full, or whose end is missing. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { PLACEHOLDER_AT } from '../../src-main/engine/record/layout.ts';
import { RecordingFile } from '../../src-main/engine/record/recording-file.ts';
import { recoverRecording } from '../../src-main/engine/record/recover.ts';
import { type Feed, later, makeFeed } from './record-feed.ts';
import { decodeErrors, packetsOf, readByMediabunny } from './record-probe.ts';

let folder: string;
let feed: Feed;
let growing: string;
let closed: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tidecast-record-'));
  feed = await makeFeed(join(folder, 'feed.mp4'), { seconds: 6, bFrames: 2 });
  [growing, closed] = [join(folder, 'growing.mp4'), join(folder, 'closed.mp4')];
  const recording = await RecordingFile.create(closed, { ...feed, requestIdr: () => {}, onFailure: () => {} });
  for (const packet of feed.packets) recording.write(packet);
  await vi.waitFor(() => expect(recording.stats.queueBytes).toBe(0));
  copyFileSync(closed, growing);
  await recording.close();
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each([
  [0, 2_700],
  [2, 3_900],
])('SIGKILL in mid-recording (%i B-frames): the file plays to within 1 s of it', { timeout: 30_000 }, async (bFrames, afterMs) => {
  const path = join(folder, `killed-${bFrames}.mp4`);
  const script = fileURLToPath(new URL('./record-writer.ts', import.meta.url));
  const writer = spawn(process.execPath, [script, join(folder, `loop-${bFrames}.mp4`), path, String(bFrames)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  writer.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  await once(writer.stdout, 'data');
  await new Promise((resolve) => setTimeout(resolve, afterMs + Math.random() * 500));
  writer.kill('SIGKILL');
  await once(writer, 'close');
  const recordedS = Number(said.split('\n').at(-2));
  expect(recordedS).toBeGreaterThan(1);
  expect(packetsOf(path, 'v').length).toBeGreaterThan(0); // as it is, before any repair
  const recovered = await recoverRecording(path);
  expect(recovered).toMatchObject({ playable: true, widthPx: 320, heightPx: 180, sizeBytes: statSync(path).size });
  expect(recovered.durationMs / 1_000).toBeGreaterThan(recordedS - 1);
  const { durationS, videoPtsS } = await readByMediabunny(path);
  expect(durationS).toBeGreaterThan(recordedS - 1);
  expect(durationS).toBeLessThan(recordedS + 1);
  expect(packetsOf(path, 'v')).toHaveLength(videoPtsS.length);
  expect(decodeErrors(path)).toBe('');
});

test('a file cut off anywhere is trimmed to its last whole fragment and plays', { timeout: 60_000 }, async () => {
  const size = statSync(growing).size;
  const whole = packetsOf(growing, 'v').length;
  for (const share of [0.999, 0.9, 0.71, 0.5, 0.33, 0.2]) {
    const path = join(folder, 'cut.mp4');
    copyFileSync(growing, path);
    truncateSync(path, Math.floor(size * share));
    const { playable, trimmedBytes, durationMs } = await recoverRecording(path);
    expect(playable).toBe(true);
    expect(trimmedBytes).toBeGreaterThan(0);
    expect(decodeErrors(path)).toBe('');
    expect(packetsOf(path, 'v').length).toBeGreaterThan(whole * share - 20);
    expect(durationMs).toBeGreaterThan(6_000 * share - 1_000);
    expect((await recoverRecording(path)).trimmedBytes).toBe(0);
  }
});

test('a tail of zeros, as after a power cut, is trimmed', async () => {
  const path = join(folder, 'zeros.mp4');
  writeFileSync(path, Buffer.concat([readFileSync(growing), Buffer.alloc(10_000)]));
  expect(await recoverRecording(path)).toMatchObject({ playable: true, trimmedBytes: 10_000 });
  expect(readFileSync(path)).toEqual(readFileSync(growing));
});

test('a kill while the file is being closed leaves the fragmented file', async () => {
  const path = join(folder, 'closing.mp4');
  const bytes = readFileSync(closed);
  readFileSync(growing).copy(bytes, PLACEHOLDER_AT, PLACEHOLDER_AT, PLACEHOLDER_AT + 16); // the last step never came
  writeFileSync(path, bytes);
  expect(decodeErrors(path)).not.toContain('Invalid'); // a player skips the second moov
  const recovered = await recoverRecording(path);
  expect(recovered.playable).toBe(true);
  expect(recovered.trimmedBytes).toBeGreaterThan(0);
  expect(packetsOf(path, 'v').length).toBeGreaterThan(160);
  expect(decodeErrors(path)).toBe('');
});

test('a closed file is measured and left as it is', async () => {
  const before = readFileSync(closed);
  expect(await recoverRecording(closed)).toEqual({
    playable: true,
    durationMs: 6_000,
    widthPx: 320,
    heightPx: 180,
    sizeBytes: before.length,
    trimmedBytes: 0,
  });
  expect(readFileSync(closed)).toEqual(before);
});

test('a file with nothing in it is not playable, one that is missing is an error', async () => {
  const empty = join(folder, 'empty.mp4');
  writeFileSync(empty, '');
  expect(await recoverRecording(empty)).toMatchObject({ playable: false, durationMs: 0, sizeBytes: 0 });
  await expect(recoverRecording(join(folder, 'none.mp4'))).rejects.toMatchObject({ code: 'record.folder' });
});

test('a full disk ends the recording with a clear message, and what was written plays', { timeout: 30_000 }, async (context) => {
  const disk = join(folder, 'disk');
  mkdirSync(disk);
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tidecast-test', disk]).status !== 0)
    context.skip('mounting a small tmpfs takes root');
  try {
    const onFailure = vi.fn();
    const recording = await RecordingFile.createIn(disk, { ...feed, requestIdr: () => {}, onFailure });
    for (let round = 0; round < 20 && onFailure.mock.calls.length === 0; round++) {
      for (const packet of later(feed.packets, round * 6_000_000)) recording.write(packet);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await vi.waitFor(() => expect(onFailure).toHaveBeenCalledTimes(1));
    expect(onFailure.mock.calls[0]?.[0]).toMatchObject({ code: 'record.disk-full', message: expect.stringContaining('Free some space') });
    const result = await recording.close();
    expect(result.failure?.code).toBe('record.disk-full');
    expect(result.framesWritten).toBeGreaterThan(180);
    expect(decodeErrors(recording.path)).toBe('');
    expect(packetsOf(recording.path, 'v')).toHaveLength(result.framesWritten);
    expect((await recoverRecording(recording.path)).playable).toBe(true);
    await expect(RecordingFile.createIn(join(disk, 'none'), { ...feed, requestIdr: () => {}, onFailure })).rejects.toMatchObject({
      code: 'record.folder',
    });
  } finally {
    spawnSync('umount', [disk]);
  }
});
