/** Messages between the engine and the process that tries encoders. It ends by itself when it has told about all of them. */
import type { EncoderCapabilities } from '../../src-shared/domain/encoder-capabilities.ts';
import type { VideoEncoderName } from '../../src-shared/domain/video-encoder.ts';

/** first and only message */
export type ToProbe = { type: 'probe'; encoders: VideoEncoderName[] };

export type FromProbe =
  /** if nothing more comes, it was this one that crashed or hung */
  { type: 'began'; encoder: VideoEncoderName } | { type: 'found'; capabilities: EncoderCapabilities } | { type: 'done' };
