/** Decides once, when the process starts, who does its work. */
import type { AudioSettings } from '../../src-shared/domain/rendition.ts';
import { StudioError } from '../../src-shared/errors.ts';
import { programThumbnail } from './command-line-picture.ts';
import { CommandLineSound } from './command-line-sound.ts';
import type { MediaTools } from './media-tools.ts';
import { findFfmpeg } from './video/find-ffmpeg.ts';
import { openVideoEncoder } from './video/open-encoder.ts';

const REASON_CHARACTERS = 300;

/**
 * TIDECAST_VIDEO_BACK_END=command-line has the ffmpeg program encode video, and =without-node-av do all there is to do;
 * that it does as well where node-av cannot be loaded.
 */
export async function loadMediaTools(env: NodeJS.ProcessEnv = process.env): Promise<MediaTools> {
  const asked = env['TIDECAST_VIDEO_BACK_END'];
  if (asked === 'without-node-av') return programTools('node-av is left out, as TIDECAST_VIDEO_BACK_END says');
  const native = await import('./native-tools.ts').catch((error: unknown) =>
    programTools(`node-av cannot be loaded (${inOneLine(error)})`),
  );
  if ('note' in native) return native;
  const { openSound, thumbnail, openVideo } = native;
  if (asked !== 'command-line') return { openVideo, openSound, thumbnail, note: null };
  return { ...programTools('video by the ffmpeg program, as TIDECAST_VIDEO_BACK_END says'), openSound, thumbnail };
}

/** @param why node-av does not do it */
function programTools(why: string): MediaTools {
  return {
    openVideo: (settings, emit, options) => explained(why, () => openVideoEncoder('command-line', settings, emit, options)),
    openSound: (settings: AudioSettings) => explained(why, () => new CommandLineSound(settings)),
    thumbnail: programThumbnail,
    note: `the ffmpeg program encodes: ${why}`,
  };
}

/** @throws StudioError encoder.open-failed: without the program, the reason that it is needed belongs to the message */
function explained<T>(why: string, open: () => T): T {
  try {
    findFfmpeg();
  } catch (cause) {
    const what = cause instanceof Error ? cause.message : String(cause);
    throw new StudioError('encoder.open-failed', `Nothing can be encoded here: ${why}. ${what} Or install Tidecast again.`, { cause });
  }
  return open();
}

function inOneLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text
    .trim()
    .replaceAll(/\s*\n\s*/g, ' ')
    .slice(0, REASON_CHARACTERS);
}
