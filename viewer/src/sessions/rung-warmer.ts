/**
 * Has the server begin a rung before the player goes over to it. hls.js stops loading as soon as it is told of another
 * level, and a rung that nobody watched has nothing to load for some seconds: until then the level that plays goes on.
 */

/** what a media playlist lists, by the wall clock of its dates */
export interface Listed {
  fromMs: number;
  untilMs: number;
}

const ASK_EVERY_MS = 400;
const TIMEOUT_MS = 15_000;
/** a rung that could not be had is not asked for again so soon */
const BROKEN_MS = 30_000;
/** dates are of whole milliseconds */
const SAME_MS = 20;
/** encoding takes its time, and what is listed the server's: a rung further behind is not there yet */
const BEHIND_MS = 700;

/** a rung that begins so much after the place that is watched is not waited for: asking would have it made for nobody */
const SOON_MS = 10_000;

export class RungWarmer {
  /** it begins long after the place that is watched, which is far back in the show */
  waits = false;

  readonly #load: (url: string) => Promise<string | null>;
  #url: string | null = null;
  #listed: Listed | null = null;
  readonly #asking = new Set<string>();
  #askAtMs = 0;
  readonly #brokenUntilMs = new Map<string, number>();

  /** @param load the text at an address; null: there is none */
  constructor(load: (url: string) => Promise<string | null> = fetchText) {
    this.#load = load;
  }

  isBroken(url: string, nowMs: number): boolean {
    return nowMs < (this.#brokenUntilMs.get(url) ?? 0);
  }

  /**
   * To be called some times a second while another level is meant to be played.
   * @param url of its media playlist
   * @param positionMs date up to which there is media already; null: not known
   * @param urgent playing has stalled: a hole is no worse, unless it is a long one
   * @returns whether the player may go over now, and finds what follows
   */
  isReady(url: string, { nowMs, positionMs, urgent }: { nowMs: number; positionMs: number | null; urgent: boolean }): boolean {
    if (url !== this.#url) this.#restart(url);
    const listed = this.#listed;
    this.waits = listed !== null && positionMs !== null && listed.fromMs - positionMs > SOON_MS;
    if (this.waits) return false; // there hls.js would jump to live
    if (listed && (urgent || positionMs === null || covers(listed, positionMs))) return true;
    if (!this.#asking.has(url) && nowMs >= this.#askAtMs) void this.#ask(url, nowMs);
    return false;
  }

  /** The player is where it is meant to be. */
  rest(): void {
    this.#restart(null);
  }

  #restart(url: string | null): void {
    this.#url = url;
    this.waits = false;
    this.#listed = null;
    this.#askAtMs = 0;
  }

  async #ask(url: string, nowMs: number): Promise<void> {
    this.#asking.add(url);
    this.#askAtMs = nowMs + ASK_EVERY_MS;
    const text = await this.#load(url);
    this.#asking.delete(url);
    if (url !== this.#url) return;
    this.#listed = text === null ? null : readListed(text);
    if (text === null) this.#brokenUntilMs.set(url, nowMs + BROKEN_MS);
  }
}

/** It begins before the media ends that is there already, so that there is no hole, and is as far as that. */
const covers = ({ fromMs, untilMs }: Listed, positionMs: number) => fromMs <= positionMs + SAME_MS && untilMs >= positionMs - BEHIND_MS;

/** @returns null where it lists nothing, or has no dates */
export function readListed(playlist: string): Listed | null {
  let fromMs: number | null = null;
  let startMs = Number.NaN;
  let partsMs = 0;
  let untilMs = Number.NaN;
  for (const line of playlist.split('\n')) {
    const [tag, value = ''] = [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)];
    if (tag === '#EXT-X-PROGRAM-DATE-TIME') {
      startMs = Date.parse(value);
      partsMs = 0;
      fromMs ??= startMs;
    }
    if (tag === '#EXT-X-PART') partsMs += Number(/DURATION=([\d.]+)/.exec(value)?.[1]) * 1_000;
    if (tag === '#EXT-X-PART') untilMs = startMs + partsMs;
    if (tag === '#EXTINF') untilMs = startMs + Number.parseFloat(value) * 1_000;
  }
  return fromMs === null || !Number.isFinite(untilMs) ? null : { fromMs, untilMs };
}

async function fetchText(url: string): Promise<string | null> {
  try {
    const response = await fetch(url, { cache: 'no-store', signal: AbortSignal.timeout(TIMEOUT_MS) });
    return response.ok ? await response.text() : null;
  } catch {
    return null;
  }
}
