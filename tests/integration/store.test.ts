import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openStore } from '../../src-main/engine/store/client.ts';
import type { Store } from '../../src-main/engine/store/store.ts';
import {
  DEFAULT_PROFILE,
  Destination,
  Profile,
  ProfileId,
  REHEARSAL_ID,
  type Recording,
  RecordingId,
} from '../../src-shared/domain/index.ts';

let directory: string;
const stores: Store[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tidecast-store-'));
});

afterEach(async () => {
  await Promise.all(stores.splice(0).map((store) => store.close()));
  rmSync(directory, { recursive: true, force: true });
});

async function open(log?: (line: string) => void): Promise<Store> {
  const store = await openStore(directory, log ? { log } : {});
  stores.push(store);
  return store;
}

async function reopen(store: Store): Promise<Store> {
  await store.close();
  return open();
}

const recording: Recording = {
  id: RecordingId.parse('r1'),
  path: '/videos/a.mp4',
  startedAtMs: 1_000,
  durationMs: 0,
  sizeBytes: 0,
  widthPx: 1280,
  heightPx: 720,
  status: 'recording',
  hasThumbnail: false,
};

test('a new folder gets a profile, a scene that shows something, and the rehearsal', async () => {
  const store = await open();
  expect(await store.profiles.list()).toEqual({ activeId: DEFAULT_PROFILE.id, profiles: [DEFAULT_PROFILE] });
  const { revision, collection } = await store.collection.get();
  expect(revision).toBe(1);
  expect(collection.scenes[0]?.name).toBe('Opening');
  expect(await store.destinations.list()).toMatchObject([{ id: REHEARSAL_ID, kind: 'rehearsal', enabled: true }]);
  expect(store.incidents).toEqual([]);
});

test('everything saved is there after closing and opening again', async () => {
  const first = await open();
  const profile = Profile.parse({ ...DEFAULT_PROFILE, id: 'p2', name: 'Full HD' });
  await first.profiles.save(profile);
  await first.profiles.activate(profile.id);
  const { collection } = await first.collection.get();
  await first.collection.save({ baseRevision: 1, collection: { ...collection, name: 'Renamed' } });
  await first.destinations.remove(REHEARSAL_ID);
  await first.recordings.insert(recording);
  await first.recordings.setThumbnail(recording.id, Uint8Array.of(0xff, 0xd8, 0xff));
  const activity = await first.activities.add({
    atMs: 5,
    level: 'warning',
    subject: 'camera',
    failure: { code: 'device.unplugged', message: 'gone' },
    message: 'unplugged',
  });
  const session = await first.sessions.begin({ startedAtMs: 7, live: true });
  await first.sessions.update(session.id, { endedAtMs: 9, metrics: { framesNew: 60 } });
  await first.settings.set('window', { widthPx: 800 });

  const store = await reopen(first);
  expect(await store.profiles.list()).toEqual({ activeId: profile.id, profiles: [DEFAULT_PROFILE, profile] });
  expect(await store.collection.get()).toMatchObject({ revision: 2, collection: { name: 'Renamed' } });
  expect(await store.destinations.list()).toEqual([]); // removed for good, not seeded again
  expect(await store.recordings.list()).toEqual([{ ...recording, hasThumbnail: true }]);
  expect(await store.recordings.thumbnail(recording.id)).toEqual(Uint8Array.of(0xff, 0xd8, 0xff));
  expect(await store.activities.list()).toEqual([activity]);
  expect(await store.sessions.list()).toEqual([{ id: session.id, startedAtMs: 7, endedAtMs: 9, live: true, metrics: { framesNew: 60 } }]);
  expect(await store.settings.get('window')).toEqual({ widthPx: 800 });
  expect(await store.settings.get('absent')).toBeNull();
});

describe('recordings', () => {
  test('are listed newest first, changed and removed', async () => {
    const store = await open();
    await store.recordings.insert(recording);
    await store.recordings.insert({ ...recording, id: RecordingId.parse('r2'), startedAtMs: 2_000 });
    expect((await store.recordings.list()).map(({ id }) => id)).toEqual(['r2', 'r1']);
    expect(await store.recordings.update(recording.id, { status: 'complete', durationMs: 60_000 })).toMatchObject({
      status: 'complete',
      durationMs: 60_000,
      path: recording.path,
    });
    await store.recordings.remove(recording.id);
    await expect(store.recordings.get(recording.id)).rejects.toMatchObject({ code: 'store.not-found' });
    await expect(store.recordings.update(recording.id, { sizeBytes: 1 })).rejects.toMatchObject({ code: 'store.not-found' });
  });
});

test('a save on a stale revision is a conflict and changes nothing', async () => {
  const store = await open();
  const { collection } = await store.collection.get();
  expect(await store.collection.save({ baseRevision: 1, collection: { ...collection, name: 'mine' } })).toEqual({ revision: 2 });
  await expect(store.collection.save({ baseRevision: 1, collection: { ...collection, name: 'theirs' } })).rejects.toMatchObject({
    code: 'store.conflict',
  });
  expect(await store.collection.get()).toMatchObject({ revision: 2, collection: { name: 'mine' } });
});

test('a value that does not fit its schema is refused and changes nothing', async () => {
  const store = await open();
  await expect(store.profiles.save({ ...DEFAULT_PROFILE, name: '' })).rejects.toMatchObject({ code: 'ipc.bad-input' });
  await expect(store.profiles.activate(ProfileId.parse('none'))).rejects.toMatchObject({ code: 'store.not-found' });
  await expect(store.profiles.remove(DEFAULT_PROFILE.id)).rejects.toMatchObject({ code: 'store.conflict' });
  expect(await store.profiles.list()).toMatchObject({ activeId: DEFAULT_PROFILE.id, profiles: [DEFAULT_PROFILE] });
});

test('a stream key cannot get into the file', async () => {
  const store = await open();
  const destination = Destination.parse({ id: 'd1', name: 'Platform', kind: 'rtmp', url: 'rtmp://localhost/app', enabled: true });
  await store.destinations.save(destination);
  const smuggled = { ...destination, streamKey: 'live_SECRET_KEY_123' } as Destination;
  await expect(store.destinations.save(smuggled)).rejects.toMatchObject({ code: 'ipc.bad-input' });
  await store.close();
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const bytes = Buffer.concat(files.map((entry) => readFileSync(join(entry.parentPath, entry.name))));
  expect(bytes.includes('rtmp://localhost/app')).toBe(true); // the search finds what is there
  expect(bytes.includes('live_SECRET_KEY_123')).toBe(false);
});

describe('assets', () => {
  const png = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 1, 2, 3);

  test('are files beside the database; the same bytes are one asset', async () => {
    const store = await open();
    const asset = await store.assets.put({ name: 'logo.png', mimeType: 'image/png', bytes: png });
    expect(asset).toMatchObject({ name: 'logo.png', mimeType: 'image/png', sizeBytes: png.length });
    expect(await store.assets.put({ name: 'again.png', mimeType: 'image/png', bytes: png })).toEqual(asset);
    expect(await store.assets.list()).toEqual([asset]);
    const found = await store.assets.find(asset.id);
    expect(found && new Uint8Array(readFileSync(found.path))).toEqual(png);
    expect(await store.assets.find(asset.id.replace(/^./, 'x') as typeof asset.id)).toBeNull();
  });

  test('that are too large, or no picture whatever they claim, are refused', async () => {
    const store = await open();
    const script = { name: 'a.png', mimeType: 'image/png', bytes: new TextEncoder().encode('<script>') };
    await expect(store.assets.put(script)).rejects.toMatchObject({ code: 'asset.unsupported' });
    const large = { name: 'b.png', mimeType: 'image/png', bytes: new Uint8Array(32 * 1024 * 1024 + 1) };
    await expect(store.assets.put(large)).rejects.toMatchObject({ code: 'asset.too-large' });
    const table = { name: 'look.cube', mimeType: '', bytes: new TextEncoder().encode('LUT_1D_SIZE 2\n0 0\n') };
    await expect(store.assets.put(table)).rejects.toMatchObject({ code: 'asset.bad-lut', message: expect.stringContaining('line 2') });
    expect(await store.assets.list()).toEqual([]);
  });

  test('may be colour tables', async () => {
    const store = await open();
    const bytes = new TextEncoder().encode('LUT_1D_SIZE 2\n0 0 0\n1 1 1\n');
    expect(await store.assets.put({ name: 'Look.CUBE', mimeType: '', bytes })).toMatchObject({ mimeType: 'text/x-cube' });
  });
});

test('the activity list keeps the newest thousand', async () => {
  const store = await open();
  const add = (atMs: number) => store.activities.add({ atMs, level: 'info', subject: 'test', failure: null, message: `${atMs}` });
  await Promise.all(Array.from({ length: 1_010 }, (_, index) => add(index)));
  const all = await store.activities.list(1_000);
  expect(all).toHaveLength(1_000);
  expect(all.map(({ atMs }) => atMs)).toEqual(Array.from({ length: 1_000 }, (_, index) => index + 10));
  expect((await store.activities.list(3)).map(({ atMs }) => atMs)).toEqual([1_007, 1_008, 1_009]);
});

describe('a bad data file', () => {
  const file = () => join(directory, 'tidecast.db');
  const kept = () => readdirSync(directory).filter((name) => /^tidecast\.db\.corrupt-\w+$/.test(name));

  test('without a backup is kept aside, and a new one begins', async () => {
    writeFileSync(file(), 'this is no database, and long enough to be taken for one'.repeat(100));
    const store = await open();
    expect(store.incidents).toMatchObject([{ code: 'store.corrupt' }]);
    expect(store.incidents[0]?.message).toContain(kept()[0]);
    expect((await store.profiles.list()).profiles).toEqual([DEFAULT_PROFILE]);
    expect(readFileSync(join(directory, kept()[0] ?? ''), 'utf8')).toMatch(/^this is no database/);
  });

  test.each([
    [
      'its pages are overwritten',
      (path: string) => {
        const bytes = readFileSync(path);
        bytes.fill(0xaa, 4_096, bytes.length);
        writeFileSync(path, bytes);
      },
    ],
    [
      'its head is overwritten',
      (path: string) => {
        const bytes = readFileSync(path);
        bytes.fill(0, 0, 100);
        writeFileSync(path, bytes);
      },
    ],
    ['it is cut in half', (path: string) => truncateSync(path, Math.floor(readFileSync(path).length / 2))],
  ])('is replaced by the latest backup when %s', async (_, damage) => {
    const first = await open();
    await first.settings.set('before', true);
    const second = await reopen(first); // backs up what it finds
    await second.settings.set('after', true);
    await second.close();
    damage(file());
    const store = await open();
    expect(store.incidents).toMatchObject([{ code: 'store.corrupt' }]);
    expect(kept()).toHaveLength(1);
    expect(await store.settings.get('before')).toBe(true);
    expect(await store.settings.get('after')).toBeNull();
    expect((await reopen(store)).incidents).toEqual([]);
  });
});

test('the newest three backups are kept', async () => {
  let store = await open();
  for (let round = 1; round <= 5; round++) {
    await store.settings.set('round', round);
    store = await reopen(store);
  }
  expect(readdirSync(join(directory, 'backups')).filter((name) => name.endsWith('.db'))).toHaveLength(3);
});

test('a second studio on the same folder is told so', async () => {
  await open();
  await expect(open()).rejects.toMatchObject({ code: 'store.in-use' });
});

test('a folder that cannot be made or written is told by its name', async () => {
  writeFileSync(join(directory, 'file'), '');
  await expect(openStore(join(directory, 'file', 'data'))).rejects.toMatchObject({
    code: 'store.folder',
    message: expect.stringContaining('file/data'),
  });
});

test('a read-only disk is told by its name', async (context) => {
  const mount = spawnSync('mount', ['-t', 'tmpfs', '-o', 'ro,size=1m', 'tidecast-test', directory]);
  const asRoot = mount.status === 0;
  if (!asRoot) {
    if (process.getuid?.() === 0) context.skip('mounting is not permitted, and root may write to any folder');
    chmodSync(directory, 0o500);
  }
  try {
    await expect(open()).rejects.toMatchObject({ code: 'store.folder', message: expect.stringContaining(directory) });
  } finally {
    if (asRoot) spawnSync('umount', [directory]);
    else chmodSync(directory, 0o700);
  }
});

test('a full disk does not keep the store from opening', async (context) => {
  const mount = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tidecast-test', directory]);
  if (mount.status !== 0) context.skip('mounting is not permitted');
  try {
    await (await open()).close();
    fillDisk(directory);
    const store = await open();
    expect((await store.profiles.list()).profiles).toHaveLength(1);
    await expect(store.settings.set('large', 'x'.repeat(100_000))).rejects.toMatchObject({ code: 'store.folder' });
    await store.close();
    expect(readdirSync(join(directory, 'backups')).filter((name) => name.endsWith('.partial'))).toEqual([]);
  } finally {
    spawnSync('umount', [directory]);
  }
});

function fillDisk(folder: string): void {
  const file = openSync(join(folder, 'filler'), 'w');
  try {
    for (;;) writeSync(file, new Uint8Array(4_096));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  } finally {
    closeSync(file);
  }
}
