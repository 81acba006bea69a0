/** What a destination's server has said that it does not take, and what follows from that for the video it is set to get now. */
import type { AudioSettings, CodecFallback, RenditionId, VideoCodec } from '../../../src-shared/domain/index.ts';
import type { Failure } from '../../../src-shared/errors.ts';

/** The encode that a destination's settings ask for, its codec as it is set, and the show's sound. */
export interface Home {
  id: RenditionId;
  codec: VideoCodec;
  sound: AudioSettings['codec'];
}

export class CodecRefusals {
  #audio = false;
  /** of which encode the picture was refused, and what that was set to be */
  #video: { base: RenditionId; codec: VideoCodec } | null = null;
  #failure: Failure | null = null;

  /** @param base the encode that it took @param codec which that is set to have @param failure null: the user has said so */
  note(kind: 'video' | 'audio', base: RenditionId, codec: VideoCodec, failure: Failure | null): void {
    if (kind === 'audio') this.#audio = true;
    else this.#video = { base, codec };
    this.#failure ??= failure;
  }

  /**
   * One that is set to get H.264 since needs no other, unless that is what was refused: another codec may have taken over there.
   * AAC is taken by all.
   */
  fallback({ id, codec, sound }: Home): CodecFallback | null {
    const refused = this.#video;
    const video = refused !== null && (codec !== 'h264' || (refused.codec === 'h264' && id === refused.base));
    const audio = this.#audio && sound === 'opus';
    return video || audio ? { video, audio, failure: this.#failure } : null;
  }
}
