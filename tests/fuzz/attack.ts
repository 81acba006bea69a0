/**
 * The live server as a process of its own, attacked over its sockets by hostile input, many connections at a time, while
 * a show with a viewer goes on that must not notice.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { get as getHttp, type IncomingMessage } from 'node:http';
import { get as getHttps } from 'node:https';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as connectTls, TLSSocket } from 'node:tls';
import { node24, repoRoot } from '../support/find-tools.ts';
import { selfSigned } from '../support/self-signed.ts';
import { corpusOf, recordings } from './corpus.ts';
import { chunks, handshake, httpRequests, webSocket } from './grammar.ts';
import { http2 } from './http2-grammar.ts';
import { join, mutate, pieces } from './mutate.ts';
import { Random } from './random.ts';

/** of the server's process: what 200 connections, a stream's caches and a window of HLS may take, and V8's slack */
export const SERVER_RSS_MIB_MAX = 700;
const AT_ONCE = 12;
/** no attacker waits longer for what the server makes of it */
const PATIENCE_MS = 1_500;

export interface AttackedServer {
  child: ChildProcess;
  rtmpPort: number;
  httpPort: number;
  /** over TLS: HTTPS with HTTP/1.1 and HTTP/2, and RTMPS; else HTTP and RTMP */
  secure: boolean;
  errors(): string;
}

/** @param streams names; the key of each is `sesame` for live, and its own name for the others */
export async function startAttackedServer(streams: string[], { secure = false } = {}): Promise<AttackedServer> {
  const args = streams.flatMap((name) => ['--stream', name, '--key', name === 'live' ? 'sesame' : name]);
  const folder = mkdtempSync(joinPath(tmpdir(), 'tidecast-attack-'));
  if (secure) {
    for (const [name, text] of Object.entries(await selfSigned())) writeFileSync(joinPath(folder, name), text);
    args.push('--tls-cert', joinPath(folder, 'cert'), '--tls-key', joinPath(folder, 'key'), '--rtmps-port', '0');
  }
  const entry = joinPath(repoRoot, 'src-main/server/main.ts');
  const child = spawn(node24, [entry, '--rtmp-port', '0', '--http-port', '0', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  child.on('exit', () => rmSync(folder, { recursive: true }));
  let [out, errors] = ['', ''];
  child.stdout.on('data', (data: Buffer) => (out += data));
  child.stderr.on('data', (data: Buffer) => (errors += data));
  while (!/play .*\n/.test(out)) {
    if (child.exitCode !== null) throw new Error(errors);
    await sleep(20);
  }
  const port = (pattern: RegExp) => Number(pattern.exec(out)?.[1]);
  const ports = secure ? [/rtmps:\/\/[^:]+:(\d+)/, /https:\/\/[^:]+:(\d+)/] : [/rtmp:\/\/[^:]+:(\d+)/, /http:\/\/[^:]+:(\d+)/];
  const [rtmpPort, httpPort] = ports.map(port) as [number, number];
  return { child, rtmpPort, httpPort, secure, errors: () => errors };
}

export interface AttackReport {
  connections: number;
  rssMiBMax: number;
  /** of /health, asked all the while */
  slowestHealthMs: number;
}

/** @throws when the server has ended, does not answer, or grows beyond its bound */
export async function attack(server: AttackedServer, { seed, forMs }: { seed: number; forMs: number }): Promise<AttackReport> {
  const report: AttackReport = { connections: 0, rssMiBMax: 0, slowestHealthMs: 0 };
  const untilMs = performance.now() + forMs;
  const seeds = [...recordings(), ...corpusOf('session'), ...corpusOf('http'), ...corpusOf('websocket')];
  const attacker = async (offset: number) => {
    for (let run = offset; performance.now() < untilMs; run += AT_ONCE) {
      await one(server, new Random(seed + run), seeds);
      report.connections += 1;
    }
  };
  const watch = async () => {
    while (performance.now() < untilMs) {
      await checkHealth(server, report);
      await sleep(250);
    }
  };
  await Promise.all([watch(), ...Array.from({ length: AT_ONCE }, (_, i) => attacker(i))]);
  await checkHealth(server, report);
  return report;
}

async function checkHealth(server: AttackedServer, report: AttackReport): Promise<void> {
  const { child } = server;
  if (child.exitCode !== null || child.signalCode !== null)
    throw new Error(`the server has ended (${child.exitCode ?? child.signalCode}): ${server.errors()}`);
  const askedMs = performance.now();
  const how = { port: server.httpPort, host: '127.0.0.1', path: '/health', agent: false, signal: AbortSignal.timeout(10_000) };
  const request = server.secure ? getHttps({ ...how, rejectUnauthorized: false }) : getHttp(how);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  if (response.statusCode !== 200) throw new Error(`the server answers ${response.statusCode}`);
  await response.resume().toArray();
  report.slowestHealthMs = Math.max(report.slowestHealthMs, performance.now() - askedMs);
  report.rssMiBMax = Math.max(report.rssMiBMax, rssMiB(child.pid as number));
  if (report.rssMiBMax > SERVER_RSS_MIB_MAX) throw new Error(`the server takes ${report.rssMiBMax.toFixed(0)} MiB`);
}

/** 0 where the system does not tell */
function rssMiB(pid: number): number {
  if (process.platform !== 'linux') return 0;
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1_024;
}

type Kind = 'rtmp' | 'http' | 'http2' | 'websocket';
const PLAIN: readonly Kind[] = ['rtmp', 'rtmp', 'rtmp', 'http', 'http', 'websocket'];
const SECURE: readonly Kind[] = ['http2', 'http2', 'http2', 'http2', 'http', 'rtmp'];

async function one({ rtmpPort, httpPort, secure }: AttackedServer, random: Random, seeds: readonly Uint8Array[]): Promise<void> {
  const kind = random.pick(secure ? SECURE : PLAIN);
  const generated = inputOf(kind, random, seeds);
  const input = random.oneIn(2) ? generated : mutate(random, generated, seeds);
  const port = kind === 'rtmp' ? rtmpPort : httpPort;
  // now and then what comes is no TLS
  const isTls = secure && !random.oneIn(10);
  const ALPNProtocols = kind === 'http2' ? ['h2'] : random.pick([[], ['http/1.1'], ['nonsense']]);
  const socket = isTls ? connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false, ALPNProtocols }) : connect(port, '127.0.0.1');
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
  socket.on('error', () => {}); // 'close' follows
  if (random.oneIn(4))
    socket.pause(); // takes nothing of what it is sent
  else socket.resume();
  await send(socket, random, input);
  if (random.oneIn(3)) socket instanceof TLSSocket ? socket.destroy() : socket.resetAndDestroy();
  else if (random.oneIn(2)) socket.end();
  await Promise.race([closed, sleep(random.below(PATIENCE_MS))]);
  socket.destroy();
}

function inputOf(kind: Kind, random: Random, seeds: readonly Uint8Array[]): Uint8Array {
  if (kind === 'http') return httpRequests(random);
  if (kind === 'http2') return http2(random);
  if (kind === 'websocket') return webSocket(random, random.pick(['/live/live.flv', '/live/live.ws', '/live/live.flv?key=x', '/']));
  if (random.oneIn(4)) return random.pick(seeds);
  return join(random.oneIn(10) ? handshake(random) : join(Uint8Array.of(3), new Uint8Array(2 * 1_536)), chunks(random, true));
}

async function send(socket: Socket, random: Random, input: Uint8Array): Promise<void> {
  let count = 0;
  for (const piece of pieces(random, input)) {
    if (socket.destroyed) return;
    socket.write(piece);
    if (++count % 64 === 0) await sleep(1);
    if (count > 2_000) return;
  }
}
