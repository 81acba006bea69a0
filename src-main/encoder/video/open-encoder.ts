/** The way to a video encoder: the back end that does it, and around it what it cannot do in place. */
import type { VideoSettings } from '../../../src-shared/domain/rendition.ts';
import { abilitiesOf, commandLineAbilities } from './abilities.ts';
import type { Emit, OpenOptions, OpenVideoEncoder, VideoEncoder } from './back-end.ts';
import { CommandLineEncoder } from './command-line-encoder.ts';
import { ReopeningEncoder } from './reopening-encoder.ts';

/** `node-av`: FFmpeg inside this process. `command-line`: the ffmpeg program as a process of its own. */
export type BackEnd = 'node-av' | 'command-line';

/** node-av is loaded by whoever asks for it, since it does not load everywhere. @throws StudioError encoder.open-failed */
export async function openVideoEncoder(
  backEnd: BackEnd,
  settings: VideoSettings,
  emit: Emit,
  options?: OpenOptions,
): Promise<VideoEncoder> {
  const open: OpenVideoEncoder =
    backEnd === 'node-av' ? (await import('./node-av-encoder.ts')).NodeAvEncoder.open : CommandLineEncoder.open;
  const { inPlaceBitrate, onDemandIdr } = (backEnd === 'node-av' ? abilitiesOf : commandLineAbilities)(settings.encoder);
  return inPlaceBitrate && onDemandIdr ? open(settings, emit, options) : ReopeningEncoder.open(open, settings, emit, options);
}
