/** The handle of a link's process (tun-link.ts). */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { LinkTrace } from '../../../src-main/engine/link/trace.ts';
import type { LinkHandle } from './lab.ts';
import type { LinkDirection } from './link-queue.ts';
import type { Namespace } from './namespaces.ts';
import type { LinkArguments, LinkOrder, LinkReport } from './protocol.ts';

const script = fileURLToPath(new URL('tun-link.ts', import.meta.url));
const ANSWER_MS = 10_000;

type Report<T extends LinkReport['type']> = Extract<LinkReport, { type: T }>;

export class TunLink implements LinkHandle, AsyncDisposable {
  /** where the far end listens */
  readonly farAddress: string;
  readonly #child: ChildProcess;
  readonly #reports: LinkReport[] = [];
  #wake: () => void = () => {};

  /** @param index of the link in its lab: gives addresses and names */
  static async open(near: Namespace, far: Namespace, index: number, direction: LinkDirection): Promise<TunLink> {
    const link = new TunLink(near, far, index, direction);
    await link.#next('ready');
    return link;
  }

  private constructor(near: Namespace, far: Namespace, index: number, direction: LinkDirection) {
    const end = (namespace: Namespace, side: 'near' | 'far', host: number) => ({
      namespace: namespace.name,
      device: `${side}${index}`,
      address: `10.78.${index}.${host}`,
    });
    const given: LinkArguments = { near: end(near, 'near', 1), far: end(far, 'far', 2), direction };
    this.farAddress = given.far.address;
    this.#child = spawn('ip', near.command(process.execPath, script, JSON.stringify(given)), { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#child.on('exit', () => this.#wake());
    this.#child.stdin?.on('error', () => {}); // it has ended, which `exit` tells
    if (this.#child.stdout) createInterface({ input: this.#child.stdout }).on('line', (line) => this.#receive(line));
  }

  async follow(trace: LinkTrace | null): Promise<number> {
    this.#order({ type: 'follow', timesMs: trace && [...trace.timesMs] });
    return (await this.#next('follows')).startMs;
  }

  async cut(isCut: boolean): Promise<number> {
    this.#order({ type: 'cut', isCut });
    return (await this.#next('cut')).atMs;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.stdin?.end();
    await ended;
  }

  #order(order: LinkOrder): void {
    this.#child.stdin?.write(`${JSON.stringify(order)}\n`);
  }

  #receive(line: string): void {
    this.#reports.push(JSON.parse(line) as LinkReport);
    this.#wake();
  }

  /** Answers come in the order of the orders, so the next one of its type is the one. */
  async #next<T extends LinkReport['type']>(type: T): Promise<Report<T>> {
    const lateMs = performance.now() + ANSWER_MS;
    for (;;) {
      const at = this.#reports.findIndex((report) => report.type === type);
      if (at >= 0) return this.#reports.splice(at, 1)[0] as Report<T>;
      if (this.#child.exitCode !== null || this.#child.signalCode !== null) throw new Error('the link has ended');
      const leftMs = lateMs - performance.now();
      if (leftMs <= 0) throw new Error(`the link did not answer "${type}" within ${ANSWER_MS} ms`);
      await this.#woken(leftMs);
    }
  }

  #woken(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, timeoutMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
