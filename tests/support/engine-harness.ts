/** Runs the browser host as a real process and gives a typed client to its engine. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import WebSocket from 'ws';
import { Client } from '../../src-shared/ipc/rpc.ts';
import { webSocketChannel } from '../../src-shared/ipc/web-socket-channel.ts';
import { runningProcesses } from './processes.ts';

const entry = fileURLToPath(new URL('../../src-main/headless/main.ts', import.meta.url));

export interface HostOptions {
  /** a temporary one, removed by stop(), when left out */
  dataDirectory?: string;
  args?: string[];
  env?: Record<string, string>;
}

export interface Host {
  client: Client;
  /** http://127.0.0.1:PORT */
  origin: string;
  /** the studio's address with its token */
  url: string;
  token: string;
  pid: number;
  dataDirectory: string;
  /** what the host wrote to stderr so far */
  log(): string;
  /** one more client of the same engine */
  connect(): Promise<Client>;
  /** SIGTERM, as a user would; resolves with the exit code */
  stop(): Promise<number | null>;
  /** SIGKILL of the engine; the data directory stays */
  kill(): Promise<void>;
}

/** A host that fails to start. */
export class HostError extends Error {
  readonly stderr: string;
  readonly exitCode: number | null;

  constructor(stderr: string, exitCode: number | null) {
    super(`the host ended with code ${exitCode}: ${stderr}`);
    this.stderr = stderr;
    this.exitCode = exitCode;
  }
}

/** Starts `src-main/headless/main.ts` on free ports. @throws HostError when it ends instead of getting ready */
export async function startHost(options: HostOptions = {}): Promise<Host> {
  const dataDirectory = options.dataDirectory ?? mkdtempSync(join(tmpdir(), 'tidecast-'));
  const child = spawn(process.execPath, [entry, '--json-ready', '--port', '0', '--data-dir', dataDirectory, ...(options.args ?? [])], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { TIDECAST_ENCODER_PROBE: 'when-asked', ...process.env, ...options.env },
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => void (stderr += text));
  const removeData = () =>
    void (options.dataDirectory === undefined && rmSync(dataDirectory, { recursive: true, force: true, maxRetries: 5 }));

  const ready = await firstLine(child).catch(() => null);
  if (!ready) {
    removeData();
    throw new HostError(stderr, child.exitCode);
  }
  const { origin, url, token, pid } = JSON.parse(ready) as { origin: string; url: string; token: string; pid: number };
  const connect = () => connectClient(origin, token);
  const client = await connect();
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    client.close();
    if (child.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit');
      child.kill(signal);
      await ended;
    }
    return child.exitCode;
  };
  return {
    client,
    origin,
    url,
    token,
    pid,
    dataDirectory,
    log: () => stderr,
    connect,
    stop: async () => {
      const code = await end('SIGTERM');
      removeData();
      return code;
    },
    kill: async () => void (await end('SIGKILL')),
  };
}

/** A typed client of the engine at `origin`, as the studio's page would be. */
export async function connectClient(origin: string, token: string): Promise<Client> {
  const socket = new WebSocket(`${origin.replace('http', 'ws')}/engine`, { origin, perMessageDeflate: false });
  await once(socket, 'open');
  const channel = webSocketChannel(socket);
  channel.sendJson({ type: 'hello', token });
  return new Client(channel);
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    if (!child.stdout) return reject(new Error('no stdout'));
    createInterface({ input: child.stdout }).once('line', resolve);
    child.once('exit', () => reject(new Error('ended')));
    child.once('error', reject);
  });
}

/** Waits for an event that satisfies `wanted`; rejects after `timeoutMs`. */
export function nextEvent<N extends Parameters<Client['on']>[0]>(
  client: Client,
  event: N,
  wanted: (value: Parameters<Parameters<typeof client.on<N>>[1]>[0]) => boolean = () => true,
  timeoutMs = 15_000,
): Promise<Parameters<Parameters<typeof client.on<N>>[1]>[0]> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      off();
      reject(new Error(`no ${event} within ${timeoutMs} ms`));
    }, timeoutMs);
    const off = client.on(event, (value) => {
      if (!wanted(value)) return;
      clearTimeout(timer);
      off();
      resolve(value);
    });
  });
}

/** The process ids of a running host's services of one kind, by their command lines; of two encoders the one at work comes first. */
export function servicePids(hostPid: number, name: 'encoder' | 'server'): number[] {
  return runningProcesses().flatMap(({ pid, parentPid, args }) =>
    parentPid === hostPid && args.includes(join(name, 'main.ts')) ? [pid] : [],
  );
}
