/**
 * Scene S on the air: test card, picture and text, composed in a real browser without a debugging client, encoded and
 * sent to the live server by the real processes. A window of it is measured from outside, by the engine's own figures.
 */

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DEFAULT_PROFILE, Profile, SceneCollection, type StudioStats } from '../../src-shared/domain/index.ts';
import type { Client } from '../../src-shared/ipc/rpc.ts';
import { US_PER_S } from '../../src-shared/units.ts';
import { run } from '../support/broadcast-analysis.ts';
import { cpuMsOfAll, hasCpuTimes, processGroup } from '../support/cpu-time.ts';
import { type Host, servicePids, startHost } from '../support/engine-harness.ts';
import { requireTool } from '../support/find-tools.ts';
import { PlainChromium } from '../support/plain-chromium.ts';
import { showCollection } from '../support/show.ts';
import type { Measurement } from './harness.ts';

export interface ShowSize {
  widthPx: number;
  heightPx: number;
  frameRate: number;
  bitrateKbps: number;
}

const READY_TIMEOUT_MS = 30_000;

/** Opens studio and page, goes live, warms up, measures, and ends it all. */
export async function measureShow(size: ShowSize, { warmUpMs, windowMs }: { warmUpMs: number; windowMs: number }): Promise<Measurement[]> {
  const host = await startHost();
  try {
    await host.client.invoke('profile.save', Profile.parse({ ...DEFAULT_PROFILE, video: { ...DEFAULT_PROFILE.video, ...size } }));
    await showCollection(host.client, await sceneS(host.client, size));
    const browser = await PlainChromium.open({ executable: requireTool('chromium'), url: host.url });
    try {
      await until(host, ({ compositor }) => (compositor?.framesPerSecond ?? 0) > 0, 'no page composes');
      await host.client.invoke('session.start');
      await until(host, isOnAir, 'no picture reached the live server');
      await sleep(warmUpMs);
      const measurements = await measureWindow(host, browser, size.frameRate, windowMs);
      await host.client.invoke('session.stop');
      return measurements;
    } finally {
      await browser.close();
    }
  } finally {
    await host.stop();
  }
}

async function measureWindow(host: Host, browser: PlainChromium, frameRate: number, windowMs: number): Promise<Measurement[]> {
  const processes = hasCpuTimes ? cpuGroups(host, browser) : [];
  const cpuBefore = processes.map(({ pids }) => cpuMsOfAll(pids));
  const before = await host.client.invoke('stats.get');
  await sleep(windowMs);
  const after = await host.client.invoke('stats.get');
  const ticks = ((after.timeUs - before.timeUs) / US_PER_S) * frameRate;
  const cpu = processes.map(({ metric, pids }, index) => ms(metric, (cpuMsOfAll(pids) - cpuBefore[index]!) / ticks));
  return [...latencies(after), { metric: 'framesLatePct', value: framesLatePct(before, after), unit: '%' }, ...cpu];
}

function latencies({ compositor, encoder, latency }: StudioStats): Measurement[] {
  if (!compositor) throw new Error('The page has stopped reporting: it hangs or has crashed.');
  return [
    ms('composeMs', compositor.composeP50Ms),
    ms('i420Ms', compositor.i420P50Ms),
    ms('transportMs', compositor.transportP50Ms),
    ms('encodeMs', encoder.encodeP50Ms),
    ms('publishMs', latency.publishP50Ms),
    ms('totalP95Ms', latency.totalP95Ms),
  ];
}

/** Output ticks without a picture of their own: repeated, skipped in a stall, or not encoded because the encoder was behind. */
function framesLatePct({ encoder: before }: StudioStats, { encoder: after }: StudioStats): number {
  const repeated = after.framesRepeated - before.framesRepeated;
  // counts what came too late for its tick, which repeats count too, and what was skipped, which they do not
  const late = Math.max(repeated, after.framesLate - before.framesLate);
  const ticks = after.framesNew - before.framesNew + repeated;
  if (ticks === 0) throw new Error('The encoder has encoded nothing in the measured window.');
  return Math.min(100, (100 * late) / ticks);
}

function cpuGroups(host: Host, browser: PlainChromium): { metric: string; pids: number[] }[] {
  const ofBrowser = processGroup(browser.pid ?? 0);
  const isRenderer = ({ args }: { args: string[] }) => args.includes('--type=renderer');
  const pidsOf = (processes: { pid: number }[]) => processes.map(({ pid }) => pid);
  return [
    { metric: 'rendererCpuMs', pids: pidsOf(ofBrowser.filter(isRenderer)) },
    { metric: 'browserCpuMs', pids: pidsOf(ofBrowser.filter((process) => !isRenderer(process))) },
    { metric: 'encoderCpuMs', pids: servicePids(host.pid, 'encoder') },
    { metric: 'engineCpuMs', pids: [host.pid] },
    { metric: 'serverCpuMs', pids: servicePids(host.pid, 'server') },
  ];
}

async function sceneS(client: Client, { widthPx, heightPx }: ShowSize): Promise<SceneCollection> {
  const asset = await client.invoke('asset.put', { name: 'picture.png', mimeType: 'image/png', bytes: await drawPicture() });
  const at = (x: number, y: number, width: number, height: number) => ({
    xPx: x * widthPx,
    yPx: y * heightPx,
    widthPx: width * widthPx,
    heightPx: height * heightPx,
  });
  return SceneCollection.parse({
    name: 'Scene S',
    canvas: { widthPx, heightPx },
    programSceneId: 's',
    scenes: [
      {
        id: 's',
        name: 'S',
        items: [
          { id: 'card', sourceId: 'card', transform: at(0, 0, 1, 1), fit: 'stretch' },
          { id: 'picture', sourceId: 'picture', transform: at(0.65, 0.1, 0.3, 0.5) },
          { id: 'text', sourceId: 'text', transform: at(0.05, 0.8, 0.5, 0.12) },
        ],
      },
    ],
    sources: [
      { id: 'card', name: 'Test card', kind: 'testCard' },
      { id: 'picture', name: 'Picture', kind: 'picture', assetId: asset.id },
      { id: 'text', name: 'Text', kind: 'text', text: 'From the scene to the socket', fontSizePx: 48, background: '#101828cc' },
    ],
    audioInputs: [],
  });
}

/** A photograph's worth of detail, 640×480, the same every time. */
async function drawPicture(): Promise<Uint8Array> {
  const folder = await mkdtemp(join(tmpdir(), 'tidecast-bench-'));
  try {
    const file = join(folder, 'picture.png');
    const drawing = ['-f', 'lavfi', '-i', 'mandelbrot=size=640x480:rate=1:start_scale=0.6'];
    await run(requireTool('ffmpeg'), ['-v', 'error', ...drawing, '-frames:v', '1', file]);
    return await readFile(file);
  } finally {
    await rm(folder, { recursive: true });
  }
}

export function isOnAir({ publishers, encoder }: StudioStats): boolean {
  return encoder.framesNew > 0 && publishers.some(({ state, stats }) => state.phase === 'live' && stats.framesSent > 0);
}

export async function until(host: Host, wanted: (stats: StudioStats) => boolean, otherwise: string): Promise<void> {
  const lateMs = performance.now() + READY_TIMEOUT_MS;
  while (!wanted(await host.client.invoke('stats.get'))) {
    if (performance.now() > lateMs) throw new Error(`After ${READY_TIMEOUT_MS / 1_000} s, ${otherwise}. The host said: ${host.log()}`);
    await sleep(100);
  }
}

function ms(metric: string, value: number): Measurement {
  return { metric, value, unit: 'ms' };
}
