/** Notices an encoder that has stopped giving pictures of a rendition, or does not end one, while its process lives or seems to. */
import type { RenditionId } from '../../../src-shared/domain/index.ts';

export const CHECK_MS = 250;
/** 2 s. Counted in checks, not by the clock: packets that wait while the engine itself was busy or asleep are not missing. */
export const SILENT_CHECKS_MAX = 8;
/** 10 s: a fresh process loads its codecs, perhaps on a busy machine, before its first packet */
export const FIRST_CHECKS_MAX = 40;
/** 3 s without a word, of a process that tells its figures each second, while it is to end an encode. */
export const MUTE_CHECKS_MAX = 12;

export class PacketWatch {
  readonly #onSilence: () => void;
  readonly #watched = new Map<RenditionId, { silentChecks: number; first: boolean }>();
  /** told to end, and for how many checks the process has said nothing since */
  readonly #closing = new Map<RenditionId, number>();
  #timer: NodeJS.Timeout | null = null;

  constructor(onSilence: () => void) {
    this.#onSilence = onSilence;
  }

  /** Exactly these renditions are wanted. */
  watch(renditionIds: readonly RenditionId[]): void {
    for (const id of this.#watched.keys()) if (!renditionIds.includes(id)) this.#watched.delete(id);
    for (const id of renditionIds) if (!this.#watched.has(id)) this.#watched.set(id, { silentChecks: 0, first: true });
    this.#look();
  }

  /** It has been told to end this one: the last pictures may take their time, but the process has to say something. */
  closing(id: RenditionId): void {
    this.#closing.set(id, 0);
    this.#look();
  }

  closed(id: RenditionId): void {
    this.#closing.delete(id);
    this.#look();
  }

  /** The process has said anything at all. */
  heard(): void {
    for (const id of this.#closing.keys()) this.#closing.set(id, 0);
  }

  /** The process is gone. @returns what it had been told to end and had not */
  ended(): RenditionId[] {
    const left = [...this.#closing.keys()];
    this.#closing.clear();
    this.#look();
    return left;
  }

  /** A new process: its first packets may take longer. */
  reset(): void {
    for (const id of this.#watched.keys()) this.#watched.set(id, { silentChecks: 0, first: true });
  }

  packet(id: RenditionId): void {
    const watched = this.#watched.get(id);
    if (watched) Object.assign(watched, { silentChecks: 0, first: false });
  }

  /** whether the rendition is wanted and has worked in this process */
  works(id: RenditionId): boolean {
    return this.#watched.get(id)?.first === false;
  }

  #look(): void {
    if (this.#watched.size + this.#closing.size > 0) this.#timer ??= setInterval(() => this.#check(), CHECK_MS);
    else this.#stop();
  }

  #check(): void {
    for (const [id, muteChecks] of this.#closing) this.#closing.set(id, muteChecks + 1);
    if ([...this.#closing.values()].some((checks) => checks >= MUTE_CHECKS_MAX)) {
      this.heard(); // once, until the process is gone
      return this.#onSilence();
    }
    for (const watched of this.#watched.values()) {
      watched.silentChecks += 1;
      if (watched.silentChecks < (watched.first ? FIRST_CHECKS_MAX : SILENT_CHECKS_MAX)) continue;
      this.reset();
      return this.#onSilence();
    }
  }

  #stop(): void {
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
  }
}
