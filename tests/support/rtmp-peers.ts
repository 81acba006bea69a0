/** RTMP servers that others wrote, as real peers on loopback. Each keeps what it receives as an FLV file. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findPeer, node24, repoRoot, requireTool } from './find-tools.ts';

const NGINX_MODULE = '/usr/lib/nginx/modules/ngx_rtmp_module.so';
const START_MS = 10_000;

export interface RtmpPeer {
  /** rtmp://127.0.0.1:port/app */
  url: string;
  streamKey: string;
  pid?: number | undefined;
  /** http://127.0.0.1:port/app/stream.flv where it serves HTTP-FLV */
  flvUrl?: string;
  /** The recording, once the publisher has gone; waits for the peer to write it out. */
  capture(): Promise<string>;
  /** Ends the process; its files stay until `dispose`. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  dispose(): Promise<void>;
}

export const hasNginxRtmp = (): boolean => findPeer('nginx') !== null && existsSync(NGINX_MODULE);

/** `ffmpeg -listen 1`: takes one publisher and ends after it. */
export async function startFfmpegListener({ port }: { port?: number } = {}): Promise<RtmpPeer> {
  const folder = await tempFolder();
  const url = `rtmp://127.0.0.1:${port ?? (await freePort())}/live`;
  const file = join(folder, 'capture.flv');
  const args = ['-v', 'error', '-nostdin', '-copyts', '-listen', '1', '-i', `${url}/show`, '-c', 'copy', '-y', file];
  const child = start(requireTool('ffmpeg'), args);
  const capture = async () => {
    await ended(child);
    return file;
  };
  return { url, streamKey: 'show', capture, ...lifetime(child, folder) };
}

/** @param isAllowed decides on each publish by stream key, through nginx-rtmp's on_publish @param record false: it only passes on */
export async function startNginxRtmp({
  isAllowed = () => true,
  record = true,
}: {
  isAllowed?: (streamKey: string) => boolean;
  record?: boolean;
} = {}): Promise<RtmpPeer> {
  const folder = await tempFolder();
  const gate = createHttpServer((request, response) => {
    const key = new URL(request.url ?? '/', 'http://localhost').searchParams.get('name') ?? '';
    response.writeHead(isAllowed(key) ? 200 : 403).end();
  });
  gate.listen(0, '127.0.0.1');
  await once(gate, 'listening');
  const port = await freePort();
  const file = join(folder, 'nginx.conf');
  await writeFile(file, nginxConfig(folder, port, { gatePort: (gate.address() as AddressInfo).port, record }));
  const child = start(findPeer('nginx') as string, ['-c', file, '-p', folder, '-e', join(folder, 'error.log')]);
  await listening(port, child);
  const peer = lifetime(child, folder);
  const dispose = async () => {
    gate.close();
    await peer.dispose();
  };
  return { url: `rtmp://127.0.0.1:${port}/live`, streamKey: 'show', capture: () => recording(folder), ...peer, dispose };
}

/** One process, so that ending it leaves no worker behind. */
function nginxConfig(folder: string, port: number, { gatePort, record }: { gatePort: number; record: boolean }): string {
  return `load_module ${NGINX_MODULE};
daemon off; master_process off; pid ${join(folder, 'nginx.pid')};
events { worker_connections 512; }
rtmp { server { listen 127.0.0.1:${port}; notify_method get; application live {
  live on; record ${record ? 'all' : 'off'}; record_path ${folder}; record_suffix .flv;
  on_publish http://127.0.0.1:${gatePort}/publish;
} } }
`;
}

/** @param record false: it only passes on */
export async function startNodeMediaServer({ record = true }: { record?: boolean } = {}): Promise<RtmpPeer> {
  const folder = await tempFolder();
  const [port, httpPort] = [await freePort(), await freePort()];
  const config = {
    bind: '127.0.0.1',
    notify: {},
    rtmp: { port },
    http: { port: httpPort },
    auth: { play: false, publish: false },
    ...(record && { record: { path: folder } }),
    store: { path: folder },
  };
  const module = join(repoRoot, 'node_modules/node-media-server/src/index.js');
  const code = `const Server = require(${JSON.stringify(module)}); new Server(${JSON.stringify(config)}, ${JSON.stringify(join(folder, 'config.json'))}).run();`;
  const child = start(node24, ['-e', code], folder);
  await listening(port, child);
  await listening(httpPort, child);
  const flvUrl = `http://127.0.0.1:${httpPort}/live/show.flv`;
  return { url: `rtmp://127.0.0.1:${port}/live`, streamKey: 'show', flvUrl, capture: () => recording(folder), ...lifetime(child, folder) };
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function start(command: string, args: string[], cwd?: string): ChildProcess {
  return spawn(command, args, { stdio: 'ignore', ...(cwd ? { cwd } : {}) });
}

function lifetime(child: ChildProcess, folder: string) {
  const kill = async (signal: NodeJS.Signals = 'SIGKILL') => {
    child.kill(signal);
    await ended(child);
  };
  const dispose = async () => {
    await kill();
    await rm(folder, { recursive: true, force: true });
  };
  return { pid: child.pid, kill, dispose };
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

async function listening(port: number, child: ChildProcess): Promise<void> {
  for (const until = Date.now() + START_MS; Date.now() < until; await sleep(50)) {
    if (child.exitCode !== null) throw new Error(`${child.spawnfile} ended with ${child.exitCode}`);
    const socket = connect(port, '127.0.0.1');
    const open = await Promise.race([once(socket, 'connect').then(() => true), once(socket, 'close').then(() => false)]).catch(() => false);
    socket.destroy();
    if (open) return;
  }
  throw new Error(`${child.spawnfile} did not listen within ${START_MS} ms`);
}

/** The newest FLV file below a folder, once it has stopped growing. */
async function recording(folder: string): Promise<string> {
  await sleep(500);
  const files = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.flv')).sort();
  const newest = files.at(-1);
  if (!newest) throw new Error('the peer has recorded nothing');
  return join(folder, newest);
}

const tempFolder = () => mkdtemp(join(tmpdir(), 'tidecast-peer-'));
