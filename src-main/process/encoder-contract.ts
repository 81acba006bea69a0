/** Messages between the engine and the encoder process. */
import type { SoundId } from '../../src-shared/domain/further-tracks.ts';
import type { RenditionId } from '../../src-shared/domain/ids.ts';
import type { AudioSettings, Rendition } from '../../src-shared/domain/rendition.ts';
import type { EncoderStats, EncodeState } from '../../src-shared/domain/stats.ts';
import type { ErrorCode } from '../../src-shared/errors.ts';
import type { MediaDemand } from '../../src-shared/ipc/contract.ts';
import type { MediaHeader, MediaPacket } from './packet.ts';

/** The show's sound once more, in another codec or at another bitrate. */
export interface FurtherSound {
  id: SoundId;
  settings: AudioSettings;
}

export type ToEncoder =
  /** first message. `epochNs`: process.hrtime.bigint() at engine time 0 (the clock is the same in every process of a machine) */
  | { type: 'start'; epochNs: bigint; listen: { host: string; allowedOrigins: string[] } | null }
  /** a one-time token that lets one media connection in; forgotten after `validMs` */
  | { type: 'admit'; token: string; validMs: number }
  /**
   * The size and rate of the pictures to come, and the sound; opens the audio encoder. Null: nothing is wanted, all is
   * flushed and closed. `soundFromUs`: where the sound of the process before ended, so that this one's begins there.
   */
  | { type: 'demand'; demand: MediaDemand | null; audio: AudioSettings; soundFromUs?: number }
  /** The sound as often again, each with a header and packets that say which. Ends with the demand. */
  | { type: 'sounds'; sounds: FurtherSound[] }
  | { type: 'open'; rendition: Rendition }
  | { type: 'close'; renditionId: RenditionId }
  | { type: 'bitrate'; renditionId: RenditionId; bitrateKbps: number }
  /** the next picture of each is an IDR: where they have the same pictures, the same one */
  | { type: 'idr'; renditionIds: RenditionId[] }
  /** a JPEG of the latest picture */
  | { type: 'thumbnail'; requestId: number; widthPx: number }
  /** flush everything, send `stopped`, exit */
  | { type: 'stop' };

/** The encoder's own part of EncoderStats; the engine knows the rest. */
export interface EncoderOwnStats extends Omit<EncoderStats, 'restarts' | 'encodes' | 'relief'> {
  loads: EncodeLoad[];
}

export type EncodeLoad = Pick<EncodeState, 'renditionId' | 'busyPct' | 'queued'>;

export type FromEncoder =
  /** `mediaUrl`: ws:// address of the media listener, null when it was not asked to listen */
  | { type: 'ready'; mediaUrl: string | null; pid: number }
  /** before the first packet of a rendition or of the sound, and again after a change */
  | { type: 'header'; header: MediaHeader }
  | { type: 'packet'; packet: MediaPacket }
  /**
   * An encode goes on with another encoder (another bitrate, an IDR that the one before could not make): its first packet
   * comes when it has up to so many pictures, as it looks ahead.
   */
  | { type: 'reopened'; renditionId: RenditionId; pictures: number }
  /** the rendition is flushed: no packet of it follows */
  | { type: 'closed'; renditionId: RenditionId }
  | { type: 'media'; role: 'video' | 'audio'; connected: boolean }
  | { type: 'stats'; stats: EncoderOwnStats }
  | { type: 'thumbnail'; requestId: number; jpeg: Uint8Array | null }
  /** `sound`: a further one alone; of neither kind: what everything here needs */
  | { type: 'failed'; code: ErrorCode; message: string; renditionId: RenditionId | null; sound?: SoundId }
  /** all programs that work for the process: whoever sees it end ends them, since one that stands still would stay */
  | { type: 'programs'; pids: number[] }
  | { type: 'stopped' };
