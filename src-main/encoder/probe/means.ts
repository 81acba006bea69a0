/** What the probe tries encoders with: node-av, or the ffmpeg program where that is what will encode. */
import type { VideoSettings } from '../../../src-shared/domain/rendition.ts';
import type { VideoEncoderName } from '../../../src-shared/domain/video-encoder.ts';
import type { EncoderAbilities, EncoderInput, OpenVideoEncoder, VideoEncoder } from '../video/back-end.ts';

export interface TestPicture extends EncoderInput {
  free(): void;
}

export interface ProbeMeans {
  /** the bare encoder */
  open: OpenVideoEncoder;
  /** whether `open` fails where the encoder does not work; if not, only a picture tells */
  tellsWhenOpened: boolean;
  abilitiesOf(encoder: VideoEncoderName): EncoderAbilities;
  /** in the size and format of that encoder; as many different ones as there are indices */
  picture(settings: VideoSettings, encoder: VideoEncoder, index: number): TestPicture;
  /** From now on the listener gets what FFmpeg says beside its answers. */
  onMessage(listener: (line: string) => void): void;
}
