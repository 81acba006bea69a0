/**
 * Players of others, for real: each plays a show of the live server for some seconds, in time. With TIDECAST_RECORD=1 what
 * each asked, RTMP's commands or HTTP's requests, is written to tests/fixtures/players, for the tests that ask it again.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { build } from 'vite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { KEY, Publishers, publishing, startServer, type TestServer, until } from '../integration/server-support.ts';
import { startClientTap } from '../support/client-tap.ts';
import { recordFigure } from '../support/figures.ts';
import { repoRoot, requireTool } from '../support/find-tools.ts';
import { isInstalled, REAL_PLAYERS } from '../support/real-players.ts';

/** a player says little: what it asks, and what it acknowledges */
const RECORDED_BYTES = 8 * 1024;
const publishers = new Publishers();
const viewerRoot = mkdtempSync(join(tmpdir(), 'tidecast-viewer-'));
let server: TestServer;

beforeAll(async () => {
  await build({ configFile: join(repoRoot, 'viewer/vite.config.ts'), logLevel: 'warn', build: { outDir: viewerRoot, emptyOutDir: true } });
  server = await startServer({}, { viewerRoot });
  publishers.publish(await publishers.clip({ seconds: 8, bitrateKbps: 400 }), `${server.rtmpUrl}/live?key=${KEY}`);
  await until(() => publishing(server));
  // GStreamer 1.22 loses its place in a playlist that had one segment when it came
  await until(async () => (await segments('fmp4')) >= 3 && (await segments('ts')) >= 3);
});
afterAll(async () => {
  await server.close();
  await publishers.close();
  rmSync(viewerRoot, { recursive: true });
});

async function segments(form: string): Promise<number> {
  const playlist = await fetch(`${server.httpUrl}/live/live/source/${form}.m3u8`);
  return (await playlist.text()).match(/#EXTINF/g)?.length ?? 0;
}

/** Has `play` play through a tap, and keeps what was asked on the connection that carried `asked`. */
async function tapped(file: string, port: number, asked: string, play: (port: number) => Promise<void>): Promise<void> {
  const tap = await startClientTap(port, RECORDED_BYTES);
  try {
    await play(tap.port);
    const recorded = tap.recorded(asked);
    expect(recorded.length).toBeGreaterThan(0);
    if (process.env.TIDECAST_RECORD) writeFileSync(join(repoRoot, 'tests/fixtures/players', file), recorded);
  } finally {
    tap.close();
  }
}

test.each(REAL_PLAYERS.map((player) => [player.name, player] as const))(
  '%s plays',
  async (name, player) => {
    if (!isInstalled(player)) return recordFigure(`left out, since ${player.needs} is not installed`, 1);
    const isRtmp = player.path === '';
    await tapped(`${name}.${isRtmp ? 'rtmp' : 'http'}`, isRtmp ? server.rtmpPort : server.httpPort, player.path, async (port) => {
      const { played, said } = await player.play(`${isRtmp ? 'rtmp' : 'http'}://127.0.0.1:${port}/live/live${player.path}`);
      expect(played, said).toBe(true);
    });
  },
  60_000,
);

test.each([
  ['mpegts.js', 'lowest', '.flv'],
  ['hls.js', 'stable', 'index.m3u8'],
])(
  '%s plays, in Chromium',
  async (name, wish, asked) => {
    const browser = await chromium.launch({ executablePath: requireTool('chromium'), args: ['--no-sandbox', '--disable-gpu'] });
    try {
      await tapped(`${name}.http`, server.httpPort, asked, async (port) => {
        const page = await browser.newPage();
        await page.goto(`http://127.0.0.1:${port}/watch/live?latency=${wish}`);
        const frames = () => page.$eval('video', (video) => video.getVideoPlaybackQuality().totalVideoFrames);
        await expect.poll(frames, { timeout: 30_000 }).toBeGreaterThan(75);
      });
    } finally {
      await browser.close();
    }
  },
  60_000,
);
