/** Frames and a socket for the hub's unit tests. */
import type { MediaFrame, StreamHeaders, Tracks } from './frame.ts';
import type { OutgoingTag, ViewerSink } from './viewer-queue.ts';

export const HEADERS: StreamHeaders = {
  metadata: Uint8Array.of(0),
  video: Uint8Array.of(1),
  audio: Uint8Array.of(2),
  tracks: { video: true, audio: true },
};

export function videoFrame(timestampMs: number, change: Partial<MediaFrame> = {}): MediaFrame {
  return {
    kind: 'video',
    timestampMs,
    compositionMs: 0,
    key: false,
    body: new Uint8Array(100),
    headers: HEADERS,
    publication: 1,
    epoch: 0,
    aligned: change.key ?? false,
    arrivedAtMs: timestampMs,
    readyAtMs: timestampMs,
    ...change,
  };
}

/** Takes everything while `ready`. */
export class TestSink implements ViewerSink {
  ready = true;
  ended = false;
  readonly tags: OutgoingTag[] = [];
  readonly fixedTracks: Tracks | null;

  constructor(fixedTracks: Tracks | null = null) {
    this.fixedTracks = fixedTracks;
  }

  accepts(tracks: Tracks): boolean {
    return this.fixedTracks === null || (tracks.video === this.fixedTracks.video && tracks.audio === this.fixedTracks.audio);
  }

  write(tags: readonly OutgoingTag[]): void {
    this.tags.push(...tags);
  }

  end(): void {
    this.ended = true;
  }

  /** what was written, e.g. `script@0 video@0 key@0` */
  get summary(): string {
    return this.tags
      .map(({ kind, timestampMs, frame }) => `${frame?.key ? 'key' : frame ? kind : `${kind}-header`}@${timestampMs}`)
      .join(' ');
  }
}
