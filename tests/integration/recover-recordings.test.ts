/** The rows of recordings that an engine left behind, against files that are there, are not, or come back. */
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Log } from '../../src-main/engine/log.ts';
import { RecordingFile } from '../../src-main/engine/record/recording-file.ts';
import { recoverRecordings } from '../../src-main/engine/session/recover-recordings.ts';
import type { Store } from '../../src-main/engine/store/store.ts';
import { type Recording, RecordingId } from '../../src-shared/domain/index.ts';
import { makeFeed } from './record-feed.ts';

const log: Log = { debug() {}, info() {}, warn() {}, error() {} };
let folder: string;
/** a recording as a kill leaves it */
let cutOff: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tidecast-recover-'));
  const feed = await makeFeed(join(folder, 'feed.mp4'), { seconds: 4 });
  const { video, audio } = feed;
  const file = await RecordingFile.create(join(folder, 'open.mp4'), { video, audio, requestIdr() {}, onFailure() {} });
  for (const packet of feed.packets) file.write(packet);
  await vi.waitFor(() => expect(file.stats.queueBytes).toBe(0), { timeout: 10_000 });
  cutOff = join(folder, 'cut-off.mp4');
  copyFileSync(file.path, cutOff);
  await file.close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const row = (path: string, changes: Partial<Recording> = {}): Recording => ({
  id: RecordingId.parse(basename(path, '.mp4')),
  path,
  startedAtMs: 1_000,
  durationMs: 0,
  sizeBytes: 0,
  widthPx: 320,
  heightPx: 180,
  status: 'recording',
  hasThumbnail: false,
  ...changes,
});

function setUp(rows: Recording[], full: readonly string[] = []) {
  const messages: string[] = [];
  const lists: Recording[][] = [];
  const update = async (id: RecordingId, changes: Partial<Recording>) => {
    if (full.includes(id)) throw new Error('SQLITE_FULL');
    return Object.assign(rows.find((each) => each.id === id) ?? {}, changes);
  };
  const store = { recordings: { list: async () => rows, update } } as unknown as Store;
  const activities = { add: ({ message }: { message: string }) => void messages.push(message) };
  const emit = (_: string, value: unknown) => void lists.push(value as Recording[]);
  return { messages, lists, start: () => recoverRecordings([...rows], { store, activities, emit, log }) };
}

test('a file whose drive was absent at a start is put in order once it is back', async () => {
  const path = join(folder, 'drive.mp4');
  const rows = [row(path)];
  const { start, messages, lists } = setUp(rows);
  await start();
  expect(rows[0]).toMatchObject({ status: 'missing', durationMs: 0 });
  expect(messages).toEqual([expect.stringContaining('is not there now')]);
  await start();
  expect(messages).toHaveLength(1);
  copyFileSync(cutOff, path);
  await start();
  expect(rows[0]).toMatchObject({ status: 'interrupted', widthPx: 320 });
  expect(rows[0]?.durationMs).toBeGreaterThan(2_000);
  expect(messages[1]).toContain('is whole up to that moment');
  expect(lists).toHaveLength(2);
});

test('a whole recording is missing while its file is away, and complete again after', async () => {
  const path = join(folder, 'away.mp4');
  const rows = [row(path, { status: 'complete', durationMs: 4_000 })];
  const { start } = setUp(rows);
  await start();
  expect(rows[0]?.status).toBe('missing');
  copyFileSync(cutOff, path);
  await start();
  expect(rows[0]).toMatchObject({ status: 'complete', durationMs: 4_000 });
});

test('a file without a picture is said once', async () => {
  const path = join(folder, 'empty.mp4');
  writeFileSync(path, '');
  const rows = [row(path)];
  const { start, messages } = setUp(rows);
  await start();
  await start();
  expect(rows[0]?.status).toBe('missing');
  expect(messages).toEqual([expect.stringContaining('no picture had reached')]);
});

test('a row that cannot be written keeps the others from nothing', async () => {
  const [bad, good] = [join(folder, 'bad.mp4'), join(folder, 'good.mp4')];
  copyFileSync(cutOff, good);
  const rows = [row(bad), row(good)];
  await setUp(rows, ['bad']).start();
  expect(rows.map(({ status }) => status)).toEqual(['recording', 'interrupted']);
});
