import type { GlassStage } from '../../../src-shared/domain/glass-stages.ts';
import type { Decoding } from '../capability.ts';
import type { Protocol, Wish } from '../choose-player.ts';
import type { ViewState } from '../view-state.ts';

export interface Texts {
  states: Record<ViewState, { headline: string; detail: string }>;
  live: string;
  rehearsal: string;
  offAir: string;
  viewers: (count: number) => string;
  play: string;
  pause: string;
  mute: string;
  unmute: string;
  volume: string;
  pip: string;
  fullScreen: string;
  leaveFullScreen: string;
  toLive: string;
  atLive: string;
  /** the same in a rehearsal, of which nothing may say that it is live */
  toNewest: string;
  atNewest: string;
  latency: string;
  buffer: string;
  picture: string;
  rate: string;
  dropped: string;
  settings: string;
  quality: string;
  auto: string;
  /** Automatic, and what it has chosen */
  autoNow: (label: string) => string;
  /** a quality that is not made where the visitor watches, far back in the show */
  rungWaits: string;
  source: string;
  delay: string;
  wishes: Record<Wish, { name: string; hint: string }>;
  statistics: string;
  close: string;
  keys: string;
  louder: string;
  share: string;
  shareTitle: string;
  /** the page is open under an address that others reach */
  shareNote: string;
  shareOff: string;
  shareCode: string;
  copy: string;
  copied: string;
  figures: {
    protocol: string;
    codecs: string;
    decoding: string;
    received: string;
    target: string;
    speed: string;
    apart: string;
    startup: string;
    glass: string;
    timeCode: string;
    stalls: string;
    chart: string;
  };
  stages: Record<GlassStage, string>;
  /** of a show that was kept */
  recorded: {
    chip: string;
    /** it is on, and being recorded */
    chipRunning: string;
    gone: { headline: string; detail: string };
    livePage: string;
    download: string;
    position: string;
    shows: string;
    skip: string;
    /** on the live page */
    earlier: string;
    fromStart: string;
    window: string;
  };
  /** names of keys that are no letters */
  space: string;
  protocols: Record<Protocol, string>;
  decodings: Record<Decoding, string>;
}
