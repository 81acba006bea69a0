/** The servers that bench:server compares, each alone with a publisher of about 1 Mbps and the same viewers. */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { run } from '../support/broadcast-analysis.ts';
import { cpuMs } from '../support/cpu-time.ts';
import { node24, repoRoot, requireTool } from '../support/find-tools.ts';
import { startNginxRtmp, startNodeMediaServer } from '../support/rtmp-peers.ts';
import type { FromLoad, LoadReport, LoadTask, ToLoad } from '../support/viewer-load-process.ts';

export interface Side {
  pid: number;
  publishUrl: string;
  /** null: it has none */
  flvUrl: string | null;
  rtmpUrl: string;
  close(): Promise<void>;
}

/** The shipped server by itself. */
export async function startTidecast(): Promise<Side> {
  const args = [join(repoRoot, 'out/main/server.js'), '--stream', 'show', '--key', 'bench', '--rtmp-port', '0', '--http-port', '0'];
  const child = spawn(node24, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout });
  let [rtmpUrl, flvUrl] = ['', ''];
  for await (const line of lines) {
    rtmpUrl ||= /rtmp:\/\/[\d.]+:\d+\/live/.exec(line)?.[0] ?? '';
    flvUrl ||= /http:\/\/\S+\.flv/.exec(line)?.[0] ?? '';
    if (flvUrl) break;
  }
  if (!flvUrl) throw new Error('The live server did not start.');
  return {
    pid: child.pid as number,
    publishUrl: `${rtmpUrl}/show?key=bench`,
    flvUrl,
    rtmpUrl: `${rtmpUrl}/show`,
    close: () => ended(child),
  };
}

export async function startNodeMedia(): Promise<Side> {
  const { pid, url, flvUrl = null, dispose } = await startNodeMediaServer({ record: false });
  return { pid: pid as number, publishUrl: `${url}/show`, flvUrl, rtmpUrl: `${url}/show`, close: dispose };
}

export async function startNginx(): Promise<Side> {
  const { pid, url, dispose } = await startNginxRtmp({ record: false });
  return { pid: pid as number, publishUrl: `${url}/show`, flvUrl: null, rtmpUrl: `${url}/show`, close: dispose };
}

/** 640×360 at 30 fps with an IDR each 2 s, filled up to a constant rate, and AAC: 1 Mbps with what carries it. */
export async function makeClip(): Promise<{ file: string; remove(): void }> {
  const folder = mkdtempSync(join(tmpdir(), 'tidecast-bench-'));
  const file = join(folder, 'show.flv');
  const picture = ['-f', 'lavfi', '-i', 'testsrc2=s=640x360:r=30', '-f', 'lavfi', '-i', 'sine=r=48000', '-t', '10'];
  const rate = ['-b:v', '880k', '-maxrate', '880k', '-bufsize', '440k', '-x264-params', 'filler=1'];
  const video = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-g', '60', '-bf', '0', '-sc_threshold', '0', ...rate];
  await run('ffmpeg', ['-v', 'error', '-y', ...picture, ...video, '-c:a', 'aac', '-b:a', '96k', '-f', 'flv', file]);
  return { file, remove: () => rmSync(folder, { recursive: true }) };
}

export interface LoadResult {
  report: LoadReport;
  windowS: number;
  cpuMs: number;
  /** before the viewers, and at the end */
  rssKiB: { before: number; after: number };
  /** each few seconds of the window */
  curveMiB: number[];
}

/** One server under one load. The window begins when all viewers have media and `settleS` has passed. */
export async function measureLoad(
  side: Side,
  clip: string,
  { settleS, windowS, ...task }: Omit<LoadTask, 'url'> & { url: string; settleS: number; windowS: number },
): Promise<LoadResult> {
  const publisher = spawn(
    requireTool('ffmpeg'),
    ['-v', 'error', '-nostdin', '-re', '-stream_loop', '-1', '-i', clip, '-c', 'copy', '-f', 'flv', side.publishUrl],
    { stdio: 'ignore' },
  );
  const load = fork(fileURLToPath(new URL('../support/viewer-load-process.ts', import.meta.url)), { execPath: node24 });
  const say = (message: ToLoad) => void load.send(message);
  try {
    await sleep(2_500); // the first GOP
    const before = await rssKiB(side.pid);
    const watching = answer(load, 'watching');
    say({ type: 'task', task });
    await watching;
    await sleep(settleS * 1_000);
    say({ type: 'begin' });
    const [startMs, startCpuMs] = [performance.now(), cpuMs(side.pid)];
    const curveMiB = await follow(side.pid, windowS);
    const usedMs = cpuMs(side.pid) - startCpuMs;
    const lastedS = (performance.now() - startMs) / 1_000;
    const reported = answer(load, 'report');
    say({ type: 'report' });
    const { report } = (await reported) as Extract<FromLoad, { type: 'report' }>;
    return { report, windowS: lastedS, cpuMs: usedMs, rssKiB: { before, after: await rssKiB(side.pid) }, curveMiB };
  } finally {
    await Promise.all([ended(publisher), ended(load)]);
  }
}

async function follow(pid: number, windowS: number): Promise<number[]> {
  const everyS = Math.max(1, windowS / 15);
  const curve: number[] = [];
  for (let atS = 0; atS + everyS <= windowS + 0.01; atS += everyS) {
    await sleep(everyS * 1_000);
    curve.push((await rssKiB(pid)) / 1_024);
  }
  return curve;
}

function answer(load: ChildProcess, type: FromLoad['type']): Promise<FromLoad> {
  return new Promise((resolve, reject) => {
    load.on('message', (message: FromLoad) => void (message.type === type && resolve(message)));
    load.once('exit', () => reject(new Error('The viewers ended before their time.')));
  });
}

/** @see proc(5), /proc/pid/status, VmRSS */
async function rssKiB(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0);
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}
