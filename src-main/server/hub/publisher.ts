/** What the hub and a publisher are to each other. */
import type { AmfObject } from '../../wire/amf0.ts';

/** What the hub needs of a publisher's connection. */
export interface PublisherHandle {
  /** another publisher with the key took the stream, or the stream is no longer served */
  dismiss(): void;
  /** Where its protocol can ask its encoder for an IDR (RTMP cannot); left out, the server's owner is asked. */
  requestIdr?(): void;
}

/** A publisher's right to feed the stream; every method does nothing once it is lost. */
export interface PublisherLease {
  /** the entries of onMetaData */
  metadata(entries: AmfObject): void;
  /** `body` is kept and shared: the caller never writes to it again */
  media(kind: 'video' | 'audio', timestampMs: number, body: Uint8Array, origin?: FrameOrigin): void;
  release(): void;
}

/** What a rendition's frame keeps of the source's frame it was made from. */
export interface FrameOrigin {
  epoch: number;
  /** the source has an IDR here */
  aligned: boolean;
  arrivedAtMs: number;
}
