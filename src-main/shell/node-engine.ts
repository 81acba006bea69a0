/**
 * The engine under plain Node, for runtimes whose Node cannot load our native modules: the browser host as a child,
 * reached over loopback WebSockets.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, sep } from 'node:path';
import { createInterface } from 'node:readline';
import type { WebContents } from 'electron';
import { z } from 'zod';
import type { Unsubscribe } from '../../src-shared/disposable.ts';
import { StudioError } from '../../src-shared/errors.ts';
import { NETWORK_BACK } from '../process/parent-lines.ts';
import { APP_ORIGIN } from './app-scheme.ts';
import type { MortalEngine } from './kept-engine.ts';

const Ready = z.object({ origin: z.string(), token: z.string() });
const START_LIMIT_MS = 30_000;
const STOP_LIMIT_MS = 8_000;

export class NodeEngine implements MortalEngine {
  readonly #child: ChildProcess;
  readonly #ready: z.output<typeof Ready>;

  private constructor(child: ChildProcess, ready: z.output<typeof Ready>) {
    this.#child = child;
    this.#ready = ready;
  }

  /**
   * @param entry out/main/headless.js
   * @param args passed on, such as --data-dir
   * @param onReady gets the line of JSON that the child printed
   * @throws StudioError internal when it did not come up, with what it printed
   */
  static async start(entry: string, args: string[], onReady: (line: string) => void): Promise<NodeEngine> {
    const node = findNode(join(entry, '..', '..', '..'));
    const child = spawn(node, [unpacked(entry), '--json-ready', '--port', '0', '--end-with-stdin', '--allow-origin', APP_ORIGIN, ...args], {
      stdio: ['pipe', 'pipe', 'pipe'],
      // Its own process group: a Ctrl-C in the terminal reaches the shell only, which ends the show in order. Should the
      // shell die instead, the engine's standard input ends, and the engine with it.
      detached: true,
    });
    child.stdin?.on('error', () => {}); // it has ended, which `exit` tells
    let complaints = '';
    child.stderr?.on('data', (data: Buffer) => {
      complaints = (complaints + data.toString()).slice(-2_000);
      process.stderr.write(data);
    });
    const ready = await firstLine(child).catch(() => null);
    if (ready === null) {
      child.kill();
      throw new StudioError('internal', `The studio engine did not start: ${complaints.trim() || 'no reason given'}`);
    }
    onReady(ready);
    return new NodeEngine(child, Ready.parse(JSON.parse(ready)));
  }

  onExit(listener: () => void): Unsubscribe {
    this.#child.on('exit', listener);
    return () => this.#child.off('exit', listener);
  }

  connectRenderer(): Promise<{ kind: 'webSocket'; url: string; token: string }> {
    const url = `${this.#ready.origin.replace('http', 'ws')}/engine`;
    return Promise.resolve({ kind: 'webSocket', url, token: this.#ready.token });
  }

  openMediaPort(_contents: WebContents, _requestId: string): void {
    throw new StudioError('shell.unavailable', 'This engine takes pictures over a WebSocket, not over a port.');
  }

  async asset(id: string): Promise<{ bytes: Uint8Array; mimeType: string } | null> {
    const response = await fetch(`${this.#ready.origin}/assets/${id}`);
    if (!response.ok) return null;
    return {
      bytes: new Uint8Array(await response.arrayBuffer()),
      mimeType: response.headers.get('content-type') ?? 'application/octet-stream',
    };
  }

  networkBack(): void {
    this.#child.stdin?.write(`${NETWORK_BACK}\n`);
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill('SIGTERM');
    const late = setTimeout(() => this.#child.kill('SIGKILL'), STOP_LIMIT_MS);
    await ended;
    clearTimeout(late);
  }
}

/** A plain Node cannot read from the archive of a packed app: what it runs lies unpacked beside it. */
const unpacked = (file: string) => file.replace(`${sep}app.asar${sep}`, `${sep}app.asar.unpacked${sep}`);

/** TIDECAST_NODE, or the Node that the `node` package brings. */
function findNode(root: string): string {
  const named = process.env['TIDECAST_NODE'];
  if (named !== undefined) return named;
  const binary = join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  if (existsSync(binary)) return binary;
  throw new StudioError(
    'internal',
    'This Electron is too old to run the engine itself, and no Node 24 was found beside it. Set TIDECAST_NODE to one.',
  );
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    if (!child.stdout) return reject(new Error('no output'));
    createInterface({ input: child.stdout }).once('line', resolve);
    child.once('exit', reject);
    child.once('error', reject);
    setTimeout(reject, START_LIMIT_MS).unref();
  });
}
