/** What the session needs of a recording: the contract of this folder. */
import type { StudioError } from '../../../src-shared/errors.ts';
import type { AudioHeader, MediaPacket, VideoHeader } from '../../process/packet.ts';

export interface RecordingHeaders {
  video: VideoHeader;
  audio: AudioHeader | null;
}

export interface RecordingOptions extends RecordingHeaders {
  /** asks the encoder for an IDR: a file begins with one, and goes on with one after a drop */
  requestIdr: () => void;
  /** The recording has ended by itself; what was written is closed and plays. Called at most once. */
  onFailure: (error: StudioError) => void;
  /** Free space has fallen below what `lowDiskMinutes` of this recording need; once per fall. */
  onDiskLow?: (space: { minutesLeft: number; freeBytes: number }) => void;
  lowDiskMinutes?: number;
  log?: (line: string) => void;
}

export interface RecordingStats {
  path: string;
  /** bytes in the file and on their way to it */
  sizeBytes: number;
  /** from the first picture to the end of the last, gaps included */
  durationMs: number;
  queueBytes: number;
  framesWritten: number;
  /** packets left out: before the first IDR do not count, while the disk could not follow do */
  framesDropped: number;
}

export interface RecordingResult extends RecordingStats {
  widthPx: number;
  heightPx: number;
  /** why the recording ended, when it was not closed by its owner */
  failure: StudioError | null;
}

/** One file being recorded. Nothing in it blocks the caller: bytes go through a bounded queue. */
export interface ActiveRecording {
  readonly path: string;
  readonly stats: RecordingStats;
  /** Again after an encoder restart or a change: other parameter sets, another size and rate go on in the same file, another codec ends it. */
  setHeader(header: VideoHeader | AudioHeader): void;
  /** Never blocks and never throws. Packets of both kinds, of one rendition. */
  write(packet: MediaPacket): void;
  /** Flushes, finalises and closes. Idempotent. */
  close(): Promise<RecordingResult>;
  [Symbol.asyncDispose](): Promise<void>;
}
