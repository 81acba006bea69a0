import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { buildAvcConfig, joinAvcc } from '../../wire/codec-config.ts';
import { buildAvcBody } from '../../wire/flv.ts';
import { Hub } from '../hub/hub.ts';
import type { PublisherLease } from '../hub/publisher.ts';
import { SERVER_LIMITS } from '../limits.ts';
import { Recorder } from './recorder.ts';
import { INDEX_FILE } from './show.ts';

// 1280×720, Constrained Baseline
const SPS = Uint8Array.from(Buffer.from('6742c01fda014016ec0440000003004000000f03c60ca8', 'hex'));
const avcC = buildAvcConfig([SPS], [Uint8Array.of(0x68, 0xcb, 0x83, 0xcb, 0x20)]);
const LIMITS = { ...SERVER_LIMITS, recordFreeBytesMin: 0, recordCloseMs: 50 };
const MAX_BYTES = 30_000;

let directory: string;
let hub: Hub;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tidecast-recorder-'));
  hub = new Hub(LIMITS, () => {});
  hub.serve(['live']);
});
afterEach(() => {
  hub.close();
  rmSync(directory, { recursive: true });
});

const open = (limits = LIMITS) =>
  new Recorder(
    { directory, maxBytes: MAX_BYTES },
    { hub, limits, isPublished: () => true, log: () => {}, onIncident: (failure) => expect.fail(failure.message) },
  );

/** Seconds of 30 pictures each, with an IDR at its begin. */
function play(lease: PublisherLease, seconds: number, fromMs: number): void {
  for (let i = 0; i < seconds * 30; i += 1) {
    const key = i % 30 === 0;
    const data = joinAvcc([Uint8Array.of(key ? 0x65 : 0x41, ...new Uint8Array(50))]);
    lease.media('video', fromMs + Math.round((i * 100) / 3), buildAvcBody({ key, packet: 'nalu', compositionMs: 0, data }));
  }
}

test('a show of more than a third of what may be kept goes on as another', async () => {
  const recorder = open({ ...LIMITS, recordCloseMs: 9_000 });
  const lease = hub.stream('live')?.publish({ dismiss: () => {} }) as PublisherLease;
  lease.media('video', 0, buildAvcBody({ key: true, packet: 'header', compositionMs: 0, data: avcC }));
  const sizes = () => recorder.library.list('live').map(({ sizeBytes, running }) => [sizeBytes > MAX_BYTES / 3, running]);
  play(lease, 8, 0);
  await vi.waitFor(() => expect(sizes()).toEqual([[true, false]]), { timeout: 5_000 }); // it is looked at each second
  play(lease, 4, 8_000);
  await vi.waitFor(() => expect(sizes()).toContainEqual([false, true]), { timeout: 5_000 });
  await recorder.close();
  expect(recorder.library.list('live').map(({ running }) => running)).toEqual([false, false]);
});

test.skipIf(process.platform === 'win32')('a disk that hangs is not waited for without end', async () => {
  const folder = join(directory, 'live-20261123-011530-042');
  mkdirSync(folder);
  const index = join(folder, INDEX_FILE);
  expect(spawnSync('mkfifo', [index]).status).toBe(0); // whoever opens it waits
  const recorder = open();
  await expect(recorder.close()).rejects.toMatchObject({ code: 'server.record-too-slow', message: expect.stringContaining(directory) });
  const writer = openSync(index, 'r+'); // lets go who waits
  await vi.waitFor(() => recorder.close(), { timeout: 5_000 });
  closeSync(writer);
});
