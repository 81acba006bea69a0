/** The way to a video encoder: the back end that does it, and around it what it cannot do in place. */
import type { VideoSettings } from '../../../src-shared/domain/rendition.ts';
import { abilitiesOf, COMMAND_LINE_ABILITIES } from './abilities.ts';
import type { Emit, OpenOptions, OpenVideoEncoder, VideoEncoder } from './back-end.ts';
import { CommandLineEncoder } from './command-line-encoder.ts';
import { NodeAvEncoder } from './node-av-encoder.ts';
import { ReopeningEncoder } from './reopening-encoder.ts';

/** `node-av`: FFmpeg inside this process. `command-line`: the ffmpeg program as a process of its own. */
export type BackEnd = 'node-av' | 'command-line';

/** @throws StudioError encoder.open-failed */
export function openVideoEncoder(backEnd: BackEnd, settings: VideoSettings, emit: Emit, options?: OpenOptions): Promise<VideoEncoder> {
  const open: OpenVideoEncoder = backEnd === 'node-av' ? NodeAvEncoder.open : CommandLineEncoder.open;
  const { inPlaceBitrate, onDemandIdr } = backEnd === 'node-av' ? abilitiesOf(settings.encoder) : COMMAND_LINE_ABILITIES;
  return inPlaceBitrate && onDemandIdr ? open(settings, emit) : ReopeningEncoder.open(open, settings, emit, options);
}

/** TIDECAST_VIDEO_BACK_END=command-line encodes with the ffmpeg program. */
export function backEndFromEnvironment(env = process.env): BackEnd {
  return env['TIDECAST_VIDEO_BACK_END'] === 'command-line' ? 'command-line' : 'node-av';
}
