/**
 * What becomes of media that the server does not take. A further track is left out, and that is all. Without its picture
 * or its sound a show is none, so nothing of it goes until the session has given it another codec, or has not in time.
 */
import { US_PER_S } from '../../../../src-shared/units.ts';
import type { MediaHeader } from '../../../process/packet.ts';
import type { CodecRefusal } from '../publisher.ts';
import { codecFailure } from './failures.ts';
import type { Refusal } from './rtmp-sender.ts';

/** Another encode comes up within a second; on a machine that has more to do than it can, not always. */
const PATIENCE_US = 10 * US_PER_S;

export class CodecHold {
  readonly #label: string;
  readonly #onRefused: ((refusal: CodecRefusal) => void) | undefined;
  /** what has been told of this connection */
  readonly #told = new Set<string>();
  #held: { refusal: CodecRefusal; sinceUs: number } | null = null;

  constructor(label: string, onRefused: ((refusal: CodecRefusal) => void) | undefined) {
    this.#label = label;
    this.#onRefused = onRefused;
  }

  get isHeld(): boolean {
    return this.#held !== null;
  }

  /** For a new connection. */
  reset(): void {
    this.#held = null;
    this.#told.clear();
  }

  /**
   * Looks at all headers there are.
   * @param isFinal false: a connection is coming whose server will have been asked, so nobody is told yet
   * @returns whether the show is held
   */
  judge(headers: readonly MediaHeader[], refusalOf: (header: MediaHeader) => Refusal | null, nowUs: number, isFinal: boolean): boolean {
    const refusals = headers.flatMap((header) => {
      const refusal = refusalOf(header);
      if (!refusal) return [];
      return [codecRefusal(this.#label, header.kind, refusal)];
    });
    const main = refusals.find(({ track }) => track === 0);
    this.#held = main ? { refusal: main, sinceUs: this.#held?.sinceUs ?? nowUs } : null;
    if (isFinal) for (const refusal of refusals) this.#tell(refusal);
    return this.isHeld;
  }

  /** The failure that ends the connection: nobody has given the show another codec. */
  overdue(nowUs: number): CodecRefusal['failure'] | null {
    return this.#held && nowUs - this.#held.sinceUs > PATIENCE_US ? this.#held.refusal.failure : null;
  }

  #tell(refusal: CodecRefusal): void {
    const key = `${refusal.kind} ${refusal.track} ${refusal.codec}`;
    if (this.#told.has(key)) return;
    this.#told.add(key);
    this.#onRefused?.(refusal);
  }
}

export function codecRefusal(label: string, kind: CodecRefusal['kind'], refusal: Refusal): CodecRefusal {
  const { code, message } = codecFailure(label, refusal);
  const { codec, track } = refusal;
  return { kind, codec, track, failure: { code, message } };
}
