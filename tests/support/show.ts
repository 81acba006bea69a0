/**
 * One show for every end-to-end measurement: a moving camera with speech, a title, a logo, a colour patch and the
 * flash-and-beep card. The camera and the speech come from TIDECAST_MEDIA_DIR (presenter-720p30.mp4, speech.flac)
 * where it is set; otherwise ffmpeg draws and speaks stand-ins.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { SceneCollection } from '../../src-shared/domain/index.ts';
import type { Client } from '../../src-shared/ipc/rpc.ts';
import { type Region, run } from './broadcast-analysis.ts';

export const SHOW_WIDTH_PX = 1280;
export const SHOW_HEIGHT_PX = 720;
export const SHOW_FRAME_RATE = 30;
export const PATCH_RGB = '#2f6fd0';
/** BT.709 limited range of PATCH_RGB: Y' = 16 + 219 (0.2126 R + 0.7152 G + 0.0722 B), and the colour differences. */
export const PATCH_YUV: readonly [number, number, number] = bt709(0x2f, 0x6f, 0xd0);

/** Insides of what the show is composed of, away from soft edges; all on even pixels. */
export const REGIONS = {
  title: { xPx: 48, yPx: 600, widthPx: 520, heightPx: 80 },
  logo: { xPx: 1096, yPx: 56, widthPx: 144, heightPx: 144 },
  patch: { xPx: 1120, yPx: 640, widthPx: 96, heightPx: 32 },
  flash: { xPx: 72, yPx: 72, widthPx: 96, heightPx: 64 },
} satisfies Record<string, Region>;

export interface ShowMedia {
  cameraFile: string;
  microphoneFile: string;
  logoFile: string;
  source: 'given' | 'drawn';
}

/** Converts what is given into what Chromium takes as fake devices (Y4M, WAV). */
export async function prepareMedia(directory: string, givenDirectory = process.env['TIDECAST_MEDIA_DIR']): Promise<ShowMedia> {
  const cameraFile = join(directory, 'camera.y4m');
  const microphoneFile = join(directory, 'microphone.wav');
  const logoFile = join(directory, 'logo.png');
  const given = givenDirectory !== undefined && existsSync(join(givenDirectory, 'presenter-720p30.mp4'));
  const camera = given ? ['-i', join(givenDirectory, 'presenter-720p30.mp4')] : ['-f', 'lavfi', '-i', drawnCamera()];
  const speech = given ? ['-i', join(givenDirectory, 'speech.flac')] : ['-f', 'lavfi', '-i', drawnSpeech()];
  const logo = given ? ['-i', join(givenDirectory, 'rocket.jpg')] : ['-f', 'lavfi', '-i', 'mandelbrot=size=320x320:rate=1:start_scale=0.6'];
  const quiet = ['-v', 'error', '-y'];
  await run('ffmpeg', [...quiet, ...camera, '-t', '10', '-r', '30', '-s', '1280x720', '-pix_fmt', 'yuv420p', cameraFile]);
  await run('ffmpeg', [...quiet, ...speech, '-t', '11', '-ac', '1', '-ar', '48000', '-c:a', 'pcm_s16le', microphoneFile]);
  await run('ffmpeg', [...quiet, ...logo, '-frames:v', '1', '-vf', 'crop=min(iw\\,ih):min(iw\\,ih),scale=320:320', logoFile]);
  return { cameraFile, microphoneFile, logoFile, source: given ? 'given' : 'drawn' };
}

/** A soft, slowly moving picture: about as hard to encode as a talking head. */
function drawnCamera(): string {
  return 'gradients=size=1440x810:rate=30:nb_colors=6:seed=7:speed=0.02,format=yuv420p,noise=alls=3:allf=t,crop=1280:720:80+60*sin(1.2566*t):40+25*sin(1.698*t)';
}

/** Tone bursts at the pace of syllables, away from the beep's 1 kHz. */
function drawnSpeech(): string {
  return 'aevalsrc=0.15*sin(2*PI*220*t)*gt(sin(2*PI*3.1*t)\\,0):s=48000';
}

/** Uploads the logo and gives the show's scene. */
export async function composeShow(client: Client, logo: Uint8Array): Promise<SceneCollection> {
  const asset = await client.invoke('asset.put', { name: 'logo.png', mimeType: 'image/png', bytes: logo });
  const box = (xPx: number, yPx: number, widthPx: number, heightPx: number) => ({ xPx, yPx, widthPx, heightPx });
  const item = (id: string, transform: ReturnType<typeof box>, fit: 'contain' | 'cover' | 'stretch' = 'stretch') => ({
    id,
    sourceId: id,
    transform,
    fit,
  });
  return SceneCollection.parse({
    name: 'Measured show',
    canvas: { widthPx: SHOW_WIDTH_PX, heightPx: SHOW_HEIGHT_PX },
    programSceneId: 'show',
    scenes: [
      {
        id: 'show',
        name: 'Show',
        items: [
          item('camera', box(0, 0, SHOW_WIDTH_PX, SHOW_HEIGHT_PX), 'cover'),
          item('title', box(40, 592, 560, 96), 'contain'),
          item('logo', box(1088, 48, 160, 160)),
          item('patch', box(1104, 624, 128, 64)),
          item('flash', box(56, 56, 128, 96)),
        ],
      },
    ],
    sources: [
      { id: 'camera', name: 'Camera', kind: 'camera', deviceId: null },
      { id: 'title', name: 'Title', kind: 'text', text: 'The first real broadcast', fontSizePx: 48, background: '#101828cc' },
      { id: 'logo', name: 'Logo', kind: 'picture', assetId: asset.id },
      { id: 'patch', name: 'Patch', kind: 'colour', colour: PATCH_RGB },
      { id: 'flash', name: 'Flash and beep', kind: 'avTest', periodMs: 2_000 },
    ],
    audioInputs: [{ id: 'microphone', name: 'Microphone', deviceId: null, gainDb: -6 }],
  });
}

/** Replaces the engine's collection; a page that shows it follows. */
export async function showCollection(client: Client, collection: SceneCollection): Promise<void> {
  const { revision } = await client.invoke('collection.get');
  await client.invoke('collection.save', { baseRevision: revision, collection });
}

function bt709(red: number, green: number, blue: number): [number, number, number] {
  const luma = (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255;
  return [16 + 219 * luma, 128 + (224 * (blue / 255 - luma)) / 1.8556, 128 + (224 * (red / 255 - luma)) / 1.5748];
}
