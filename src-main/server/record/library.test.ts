import { mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ShowLibrary } from './library.ts';
import { INDEX_FILE } from './show.ts';
import { ShowWriter } from './show-writer.ts';

const START_MS = Date.UTC(2026, 10, 23, 1);
const HOUR_MS = 3_600_000;

let directory: string;
let lines: string[];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tidecast-library-'));
  lines = [];
});
afterEach(() => rmSync(directory, { recursive: true }));

/** One segment of 1,000 bytes. @returns its folder's name */
async function writeShow(startedAtMs: number): Promise<string> {
  const limits = { recordQueueBytes: 10_000, recordFreeBytesMin: 0 };
  const writer = new ShowWriter({
    directory,
    stream: 'live',
    limits,
    onShow: () => {},
    onFailure: (failure) => expect.fail(failure.message),
  });
  writer.beginFile({ init: Buffer.alloc(100), codecs: ['avc1.64001f'], picture: null });
  writer.write({ pieces: [Buffer.alloc(1_000)], durationMs: 2_000, atMs: startedAtMs, pictures: 60, gap: false }, 2);
  await writer.close();
  return `live-${writer.show?.head.id}`;
}

async function scanned(): Promise<ShowLibrary> {
  const library = new ShowLibrary(directory, (line) => void lines.push(line));
  await library.scan();
  return library;
}

test('what is too much goes from the disk, the oldest first, and leaves what is not ours', async () => {
  const [oldest, middle, latest] = [
    await writeShow(START_MS),
    await writeShow(START_MS + HOUR_MS),
    await writeShow(START_MS + 2 * HOUR_MS),
  ];
  writeFileSync(join(directory, middle, 'notes.txt'), 'a guest’s name');
  const library = await scanned();
  expect(library.sizeBytes).toBe(3_300);
  await library.removeExpired({ bytesMax: 2_200, keepMs: null }, START_MS + 3 * HOUR_MS);
  expect(readdirSync(directory).sort()).toEqual([middle, latest]);
  await library.removeExpired({ bytesMax: null, keepMs: 1.5 * HOUR_MS }, START_MS + 3 * HOUR_MS);
  expect(readdirSync(join(directory, middle))).toEqual(['notes.txt']);
  expect(readdirSync(join(directory, latest)).sort()).toEqual(['1.mp4', INDEX_FILE]);
  expect(lines).toEqual([oldest, middle].map((name) => `record: removed ${join(directory, name)}`));
  expect([library, await scanned()].map((each) => each.list('live').map(({ id }) => `live-${id}`))).toEqual([[latest], [latest]]);
});

test('a show that could not be read is read the next time', async () => {
  const name = await writeShow(START_MS);
  const library = await scanned();
  const id = name.replace('live-', '');
  const [index, away] = [join(directory, name, INDEX_FILE), join(directory, 'away')];
  renameSync(index, away);
  expect(await library.show('live', id)).toBeNull();
  renameSync(away, index);
  const show = await library.show('live', id);
  expect(show?.segments).toHaveLength(1);
  expect(await library.show('live', id)).toBe(show); // once is enough
});
