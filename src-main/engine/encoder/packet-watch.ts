/**
 * Notices an encoder that has stopped giving pictures of a rendition, or does not end one, while its process lives or
 * seems to. All is counted in checks, not by the clock: packets that wait while the engine itself was busy or asleep are
 * not missing.
 */
import type { RenditionId } from '../../../src-shared/domain/index.ts';
import type { Vitals } from './vitals.ts';

export const CHECK_MS = 50;
/** 500 ms without a picture, and nobody at work for them: a hang. A starved process waits for a core, and is none. */
export const QUIET_CHECKS = 10;
/** The last 250 ms of these were looked at, and nobody was at work in any check. */
const IDLE_CHECKS = 5;
/** 1 s without a single word, where the system does not tell who is at work: sound alone makes forty words a second. */
const MUTE_CHECKS = 20;
/** 2 s, whatever a process may be doing that says nothing … */
export const SILENT_CHECKS_MAX = 40;
/** … and 4 s of one that is seen at work, and still speaks: pictures may be slow on a machine that is kept busy by others. */
export const BUSY_CHECKS_MAX = 80;
/** 10 s: a fresh process loads its codecs, perhaps on a busy machine, and a slow preset looks ahead, before the first packet */
export const FIRST_CHECKS_MAX = 200;
/** 3 s without a word, of a process that tells its figures each second, while it is to end an encode. */
export const ENDING_CHECKS_MAX = 60;
/** A slow rendition's pictures are far apart: so many of its intervals are no silence. */
const INTERVALS = 4;

export interface PacketWatchHooks {
  /** the process hangs @param evidence for the log */
  onSilence: (evidence: string) => void;
  /** of the process, now; null where the system does not tell */
  vitals: () => Vitals | null;
}

interface Watched {
  silentChecks: number;
  first: boolean;
  frameRate: number;
  /** what its frame rate adds to the limits … */
  slackChecks: number;
  /** … and what an encoder that has just taken over adds to them once, as long as it looks ahead */
  aheadChecks: number;
}

export class PacketWatch {
  readonly #hooks: PacketWatchHooks;
  readonly #watched = new Map<RenditionId, Watched>();
  /** told to end, and for how many checks the process has said nothing since */
  readonly #closing = new Map<RenditionId, number>();
  /** since the process last said anything */
  #muteChecks = 0;
  /** checks running in which none of its threads was at work */
  #idleChecks = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(hooks: PacketWatchHooks) {
    this.#hooks = hooks;
  }

  /** Exactly these renditions are wanted. */
  watch(renditions: readonly { id: RenditionId; frameRate: number }[]): void {
    for (const id of this.#watched.keys()) if (!renditions.some((wanted) => wanted.id === id)) this.#watched.delete(id);
    for (const { id, frameRate } of renditions) {
      const slackChecks = Math.max(0, Math.ceil((INTERVALS * 1_000) / frameRate / CHECK_MS) - QUIET_CHECKS);
      const watched = this.#watched.get(id);
      if (watched) Object.assign(watched, { frameRate, slackChecks });
      else this.#watched.set(id, { silentChecks: 0, first: true, frameRate, slackChecks, aheadChecks: 0 });
    }
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
    this.#muteChecks = 0;
    for (const id of this.#closing.keys()) this.#closing.set(id, 0);
  }

  /** The process is gone, and the next may be started only after a while. @returns what it had been told to end and had not */
  ended(): RenditionId[] {
    const left = [...this.#closing.keys()];
    this.#closing.clear();
    this.reset();
    this.#look();
    return left;
  }

  /** A new process: its first packets may take longer. */
  reset(): void {
    this.#muteChecks = 0;
    for (const id of this.#watched.keys()) this.opening(id);
  }

  /** The rendition is opened, perhaps anew in its place: its first packet may take longer. */
  opening(id: RenditionId): void {
    const watched = this.#watched.get(id);
    if (watched) Object.assign(watched, { silentChecks: 0, first: true, aheadChecks: 0 });
  }

  /** Another encoder goes on with it in the same process: it takes up to so many pictures before its first packet. */
  reopened(id: RenditionId, pictures: number): void {
    const watched = this.#watched.get(id);
    if (!watched) return;
    watched.silentChecks = 0;
    watched.aheadChecks = Math.ceil((pictures * 1_000) / watched.frameRate / CHECK_MS);
  }

  packet(id: RenditionId): void {
    const watched = this.#watched.get(id);
    if (watched) Object.assign(watched, { silentChecks: 0, first: false, aheadChecks: 0 });
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
    this.#muteChecks += 1;
    for (const [id, checks] of this.#closing) this.#closing.set(id, checks + 1);
    if ([...this.#closing.values()].some((checks) => checks >= ENDING_CHECKS_MAX)) {
      this.heard(); // once, until the process is gone
      return this.#hooks.onSilence('mute while it is to end an encode');
    }
    for (const watched of this.#watched.values()) watched.silentChecks += 1;
    const knows = this.#observe();
    for (const [id, watched] of this.#watched) {
      if (!this.#isHung(watched, knows)) continue;
      const ms = (checks: number) => `${checks * CHECK_MS} ms`;
      const evidence = `no picture of ${id} for ${ms(watched.silentChecks)}, no word for ${ms(this.#muteChecks)}, idle for ${ms(this.#idleChecks)}`;
      this.reset();
      return this.#hooks.onSilence(evidence);
    }
  }

  /** Asks the system in the second half of a silence only. @returns whether it tells */
  #observe(): boolean {
    const isQuiet = [...this.#watched.values()].some(({ first, silentChecks }) => !first && silentChecks > QUIET_CHECKS - IDLE_CHECKS);
    const vitals = isQuiet ? this.#hooks.vitals() : null;
    this.#idleChecks = vitals && !vitals.atWork ? this.#idleChecks + 1 : 0;
    return vitals !== null;
  }

  #isHung({ silentChecks, first, slackChecks, aheadChecks }: Watched, knows: boolean): boolean {
    if (first) return silentChecks >= FIRST_CHECKS_MAX + slackChecks;
    const slack = slackChecks + aheadChecks;
    const isBusy = knows && this.#muteChecks < QUIET_CHECKS;
    if (silentChecks >= (isBusy ? BUSY_CHECKS_MAX : SILENT_CHECKS_MAX) + slack) return true;
    if (silentChecks < QUIET_CHECKS + slack) return false;
    return knows ? this.#idleChecks >= IDLE_CHECKS : this.#muteChecks >= MUTE_CHECKS;
  }

  #stop(): void {
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
  }
}
