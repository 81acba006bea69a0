import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { StudioError } from '../../../src-shared/errors.ts';
import { AppendFile } from '../../process/append-file.ts';
import { type NewSegment, ShowWriter } from './show-writer.ts';

const SEGMENT: NewSegment = { pieces: [Buffer.alloc(1_000)], durationMs: 2_000, atMs: 1_790_000_000_000, pictures: 60, gap: false };

let directory: string;
let failures: StudioError[];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tidecast-writer-'));
  failures = [];
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(directory, { recursive: true });
});

function open(into = directory): ShowWriter {
  const limits = { recordQueueBytes: 3_500, recordFreeBytesMin: 0 };
  const onFailure = (failure: StudioError) => void failures.push(failure);
  const writer = new ShowWriter({ directory: into, stream: 'live', limits, onShow: () => {}, onFailure });
  writer.beginFile({ init: Buffer.alloc(100), codecs: ['avc1.64001f'], picture: null });
  return writer;
}

test('a disk that does not follow: it is said once, what was under way stays, and nothing waits any more', async () => {
  let go = () => {};
  const held = new Promise<void>((resolve) => (go = resolve));
  const append = AppendFile.prototype.append;
  vi.spyOn(AppendFile.prototype, 'append').mockImplementation(async function (this: AppendFile, bytes) {
    if (bytes.length === 1_000) await held;
    return append.call(this, bytes);
  });
  const writer = open();
  for (let i = 0; i < 3; i += 1) writer.write(SEGMENT, 2);
  expect([writer.queueBytes, failures]).toEqual([3_000, []]);
  writer.write(SEGMENT, 2);
  expect(failures).toMatchObject([{ code: 'server.record-too-slow', message: expect.stringContaining(directory) }]);
  expect(writer.queueBytes).toBe(0);
  go();
  await writer.close();
  expect([writer.queueBytes, writer.show?.segments.length, writer.show?.running]).toEqual([0, 1, false]);
});

test('a folder that is none', async () => {
  const file = join(directory, 'file');
  writeFileSync(file, '');
  const writer = open(file);
  writer.write(SEGMENT, 2);
  await writer.close();
  expect(failures).toMatchObject([{ code: 'server.record-folder', message: expect.stringContaining('choose another folder') }]);
  expect([writer.show, writer.queueBytes, readdirSync(directory)]).toEqual([null, 0, ['file']]);
});
