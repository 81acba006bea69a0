/**
 * Publishers of others, for real: each publishes to the live server until a viewer has seen it play. With
 * TIDECAST_RECORD=1 the begin of what each sends is written to tests/fixtures/publishers, for the tests that replay it.
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FlvViewer, KEY, Publishers, runTool, startServer, type TestServer, until } from '../integration/server-support.ts';
import { startClientTap } from '../support/client-tap.ts';
import { recordFigure } from '../support/figures.ts';
import { findPeer, repoRoot } from '../support/find-tools.ts';
import { isInstalled, REAL_PUBLISHERS } from '../support/real-publishers.ts';

const RECORDED_BYTES = 96 * 1024;
const publishers = new Publishers();
let server: TestServer;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tidecast-publishers-'));
  server = await startServer();
});
afterAll(async () => {
  await server.close();
  await publishers.close();
  rmSync(folder, { recursive: true, force: true });
});

test.each(REAL_PUBLISHERS.map((publisher) => [publisher.name, publisher] as const))(
  '%s publishes, and a viewer sees it',
  async (name, publisher) => {
    if (!isInstalled(publisher)) return recordFigure(`left out, since ${publisher.needs.join(', ')} is not installed`, 1);
    const tap = await startClientTap(server.rtmpPort, RECORDED_BYTES);
    const clip = await publishers.clip({ seconds: 20, bitrateKbps: 200 });
    const end = await publisher.start({ clip, port: tap.port, key: KEY, folder });
    let viewer: FlvViewer | null = null;
    try {
      await until(() => server.stats()[0]?.publishing === true);
      viewer = await FlvViewer.open(`${server.httpUrl}/live/live.flv`);
      const seen = viewer;
      await until(() => seen.videos.length > 150 && seen.frames.some(({ kind }) => kind === 'audio'));
      const { code, out } = await runTool('ffprobe', [
        '-v',
        'error',
        '-show_entries',
        'stream=codec_name',
        '-of',
        'csv=p=0',
        `${server.httpUrl}/live/live.flv`,
      ]);
      expect([code, out.trim().split('\n').sort()]).toEqual([0, ['aac', 'h264']]);
      const steps = seen.videos.slice(1).map(({ timestampMs }, i) => timestampMs - (seen.videos[i]?.timestampMs ?? 0));
      recordFigure('longest step between pictures', Math.max(...steps), 'ms');
      if (process.env.TIDECAST_RECORD) writeFileSync(join(repoRoot, `tests/fixtures/publishers/${name}.rtmp`), tap.recorded());
    } finally {
      await end();
      viewer?.close();
      tap.close();
    }
    await until(() => server.stats()[0]?.publishing === false);
  },
  90_000,
);

test('rtmpdump shakes hands by digest, finds the server genuine, and plays', async () => {
  if (!findPeer('rtmpdump')) return recordFigure('left out, since rtmpdump is not installed', 1);
  publishers.publish(await publishers.clip(), `${server.rtmpUrl}/live?key=${KEY}`);
  await until(() => server.stats()[0]?.publishing === true);
  const file = join(folder, 'played.flv');
  const swf = ['--swfhash', 'ab'.repeat(32), '--swfsize', '1000']; // what makes librtmp check the server's digest
  const args = ['-z', '-r', `${server.rtmpUrl}/live`, '--live', ...swf, '-o', file];
  const child = spawn('rtmpdump', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (data: Buffer) => (said += data));
  await until(() => existsSync(file) && statSync(file).size > 100_000);
  child.kill('SIGINT');
  await once(child, 'exit');
  expect(said).toContain('Genuine Adobe Flash Media Server');
  expect(said).not.toMatch(/not genuine|Couldn't verify/i);
  const { out } = await runTool('ffprobe', ['-v', 'error', '-show_entries', 'stream=codec_name', '-of', 'csv=p=0', file]);
  expect(out.trim().split('\n').sort()).toEqual(['aac', 'h264']);
}, 60_000);
