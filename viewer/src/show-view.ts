/** What the page shows of the show. */
import type { Decoding } from './capability.ts';
import type { Protocol, Wish } from './choose-player.ts';
import type { GlassFigures } from './glass.ts';
import type { Rung } from './rungs.ts';
import type { SeekRange } from './seek-bar.ts';
import type { StreamStatus } from './server-api.ts';
import type { Picture } from './sessions/session.ts';
import type { ViewState } from './view-state.ts';

export interface ShowView {
  state: ViewState;
  status: StreamStatus | null;
  /** server to screen; null until known */
  latencyMs: number | null;
  /** glass to glass, stage by stage; null: the stream does not tell */
  glass: GlassFigures | null;
  /** media in the player that was not shown yet, and what it means to keep; the latter null where the player does not tell */
  bufferMs: number;
  targetMs: number | null;
  playbackRate: number;
  picture: Picture | null;
  decoding: Decoding | null;
  droppedFrames: number;
  atLive: boolean;
  /** where one may go back to; null: nowhere */
  window: SeekRange | null;
  protocol: Protocol | null;
  receivedKbps: number | null;
  /** the picture against the sound, positive: the picture is early */
  apartMs: number | null;
  /** what can be played here, from the smallest */
  rungs: Rung[];
  /** the one that plays; null: not known */
  rung: string | null;
  chosen: { wish: Wish /** null: by the page */; rung: string | null };
  /** the rung that is wanted begins after the place that is watched */
  rungWaits: boolean;
  /** from opening the connection to its first picture */
  startupMs: number | null;
  stalls: number;
  reconnects: number;
}
