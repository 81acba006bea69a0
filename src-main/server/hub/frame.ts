/** What passes through the hub: FLV tag bodies, which are RTMP message payloads, shared by all viewers and never written to. */

/** The parts a decoder needs first. A new object for each change, so that identity tells whether a viewer has it. */
export interface StreamHeaders {
  /** body of the onMetaData script tag */
  readonly metadata: Uint8Array | null;
  /** tag body with the video sequence header */
  readonly video: Uint8Array | null;
  /** tag body with the audio sequence header */
  readonly audio: Uint8Array | null;
  /** the tracks that the sequence headers or the metadata announce */
  readonly tracks: Tracks;
}

export interface Tracks {
  readonly video: boolean;
  readonly audio: boolean;
}

export const NO_HEADERS: StreamHeaders = { metadata: null, video: null, audio: null, tracks: { video: false, audio: false } };

export interface MediaFrame {
  readonly kind: 'video' | 'audio';
  /** decode time on the stream's own timeline */
  readonly timestampMs: number;
  /** presentation time minus decode time */
  readonly compositionMs: number;
  /** playback can begin here: an IDR, or any frame of a stream without video */
  readonly key: boolean;
  readonly body: Uint8Array;
  readonly headers: StreamHeaders;
  /** counts the stream's publishers: another number is another publisher, or the same one anew */
  readonly publication: number;
  /** counts publishers and their changes of format, alike in all renditions of a show: what HLS numbers discontinuities by */
  readonly epoch: number;
  /** an IDR that every rendition of the show has: segments begin at these */
  readonly aligned: boolean;
  /** wall clock of the server, Unix time */
  readonly arrivedAtMs: number;
  /** when viewers could have it: of a rung, after it was encoded, while `arrivedAtMs` is the source's */
  readonly readyAtMs: number;
}
