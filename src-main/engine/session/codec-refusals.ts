/** What a destination's server has said that it does not take, and what follows from that for the video it is set to get now. */
import type { CodecFallback, RenditionId, VideoCodec } from '../../../src-shared/domain/index.ts';
import type { Failure } from '../../../src-shared/errors.ts';

/** The encode that a destination's settings ask for, and its codec as it is set. */
export interface Home {
  id: RenditionId;
  codec: VideoCodec;
}

export class CodecRefusals {
  #audio = false;
  /** of which encode the picture was refused */
  #video: RenditionId | null = null;
  #failure: Failure | null = null;

  /** @param base the encode that it took @param failure null: the user has said so */
  note(kind: 'video' | 'audio', base: RenditionId, failure: Failure | null): void {
    if (kind === 'audio') this.#audio = true;
    else this.#video = base;
    this.#failure ??= failure;
  }

  /** One that is set to get H.264 since needs no other, unless that is what was refused: another codec may have taken over there. */
  fallback({ id, codec }: Home): CodecFallback | null {
    const video = this.#video !== null && (codec !== 'h264' || id === this.#video);
    return video || this.#audio ? { video, audio: this.#audio, failure: this.#failure } : null;
  }
}
