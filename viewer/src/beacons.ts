/** What this player tells the server of itself: every ten seconds while there is something to tell, and on leaving. */
import type { QoeBeacon } from '../../src-shared/domain/qoe.ts';
import type { Protocol } from './choose-player.ts';
import type { Playback } from './playback.ts';
import { sendBeacon, sendLastBeacon } from './server-api.ts';
import type { ShowView } from './show-view.ts';
import type { ViewState } from './view-state.ts';

const EVERY_MS = 10_000;
/** the first tells how long the start took */
const FIRST_MS = 2_000;

const STATES: Partial<Record<ViewState, QoeBeacon['state']>> = {
  starting: 'starting',
  playing: 'playing',
  buffering: 'buffering',
  offline: 'buffering',
  paused: 'paused',
  away: 'buffering',
};

type Counters = Pick<Playback, 'playedMs' | 'stalls' | 'stalledMs' | 'allPictures'>;

export class Beacons {
  readonly #name: string;
  readonly #counters: Counters;
  readonly #viewerId = Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, '0')).join('');
  #atMs = performance.now() + FIRST_MS;
  #wanted = true;

  constructor(name: string, view: () => ShowView, counters: Counters) {
    this.#name = name;
    this.#counters = counters;
    addEventListener('pagehide', () => {
      const last = this.#beacon(view());
      if (last && this.#wanted) sendLastBeacon(name, { ...last, state: 'ended' });
    });
  }

  step(view: ShowView): void {
    if (!this.#wanted || performance.now() < this.#atMs) return;
    const beacon = this.#beacon(view);
    if (!beacon) return;
    this.#atMs = performance.now() + EVERY_MS;
    void sendBeacon(this.#name, beacon).then((wanted) => {
      this.#wanted = wanted;
    });
  }

  /** null before there was a connection */
  #beacon(view: ShowView): QoeBeacon | null {
    const state = STATES[view.state];
    if (!state || view.protocol === null) return null;
    return makeBeacon(this.#viewerId, view.protocol, state, view, this.#counters);
  }
}

export function makeBeacon(
  viewerId: string,
  protocol: Protocol,
  state: QoeBeacon['state'],
  view: Pick<ShowView, 'glass' | 'window' | 'atLive' | 'bufferMs' | 'startupMs' | 'reconnects' | 'rungs' | 'rung' | 'status' | 'picture'>,
  { playedMs, stalls, stalledMs, allPictures }: Counters,
): QoeBeacon {
  // who went back in the show is as late as he wants to be
  const glass = view.window && !view.atLive ? null : view.glass;
  const kbps = view.rungs.find(({ name }) => name === view.rung)?.bitrateKbps ?? view.status?.bitrateKbps;
  return {
    viewerId,
    protocol: protocol === 'native-hls' ? 'hls' : protocol,
    state,
    glassMs: glass ? Math.max(0, glass.glassMs) : null,
    glassFrom: glass?.from ?? null,
    stagesMs: glass?.stagesMs ?? null,
    bufferMs: view.bufferMs,
    startupMs: view.startupMs,
    playedMs,
    stalls,
    stalledMs,
    reconnects: view.reconnects,
    shownFrames: allPictures.shown,
    droppedFrames: allPictures.dropped,
    bitrateKbps: kbps || null,
    widthPx: view.picture?.widthPx || null,
    heightPx: view.picture?.heightPx || null,
  };
}
