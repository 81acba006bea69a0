/** Sees to it that a destination whose server does not take its picture or sound gets H.264 or AAC, at an IDR. */
import { ordinaryOf } from '../rendition/plan.ts';
import { AskAgain } from './own-encodes.ts';
import type { Connection } from './publisher-set.ts';

export interface CodecFallbacksOptions {
  connections: () => readonly Connection[];
  encodes: { readonly busy: boolean; fallBack(connections: readonly Connection[]): Promise<boolean> };
  nowUs: () => number;
}

export class CodecFallbacks {
  readonly #options: CodecFallbacksOptions;
  /** what did not come up is not opened ten times a second */
  readonly #asks = new WeakMap<Connection, AskAgain>();

  constructor(options: CodecFallbacksOptions) {
    this.#options = options;
  }

  /** Those that wait move together. */
  tick(): void {
    const { connections, encodes, nowUs } = this.#options;
    if (encodes.busy) return;
    const due = connections().filter((one) => (waitsForVideo(one) || waitsForAudio(one)) && this.#mayAsk(one, nowUs()));
    if (due.length > 0) void encodes.fallBack(due);
  }

  #mayAsk(connection: Connection, atUs: number): boolean {
    let asks = this.#asks.get(connection);
    if (!asks) this.#asks.set(connection, (asks = new AskAgain()));
    return asks.ask(atUs);
  }
}

export const waitsForVideo = ({ codecFallback, base, home }: Connection) => codecFallback?.video === true && base !== ordinaryOf(home);
export const waitsForAudio = ({ codecFallback, sound }: Connection) => codecFallback?.audio === true && sound !== 'ordinary';
