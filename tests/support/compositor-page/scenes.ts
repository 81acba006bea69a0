/** What the tests of the media engine show: scenes, and the files that fake devices play. */
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SceneCollection } from '../../../src-shared/domain/index.ts';
import { run } from '../broadcast-analysis.ts';
import { requireTool } from '../find-tools.ts';
import { limited } from './colours.ts';
import { PageUnderTest, type PageUnderTestOptions } from './harness.ts';

export const DEMAND = { widthPx: 1280, heightPx: 720, frameRate: 30 };
/** Columns of the camera file. A Y4M file says nothing of its colours, so Chromium takes them as BT.601. */
export const CAMERA_COLUMNS = ['#c03020', '#2050c0', '#30a040', '#b0b0b0'] as const;

/** camera.y4m, tone.wav and picture.png. @returns their folder, to be removed */
export async function makeMedia(): Promise<string> {
  const media = await mkdtemp(join(tmpdir(), 'tidecast-media-'));
  const columns = CAMERA_COLUMNS.map((colour, index) => {
    const [y, u, v] = limited(colour, 0.299, 0.114).map(Math.round);
    return `color=black:s=320x720:r=30:d=1,format=yuv420p,geq=lum=${y}:cb=${u}:cr=${v}[c${index}]`;
  });
  const filter = `${columns.join(';')};${CAMERA_COLUMNS.map((_, index) => `[c${index}]`).join('')}hstack=inputs=4`;
  const ffmpeg = (...args: string[]) => run('ffmpeg', ['-v', 'error', '-y', ...args]);
  await ffmpeg('-filter_complex', filter, '-pix_fmt', 'yuv420p', join(media, 'camera.y4m'));
  await ffmpeg('-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000:duration=2', '-c:a', 'pcm_s16le', join(media, 'tone.wav'));
  await ffmpeg('-f', 'lavfi', '-i', 'color=0x20c040:s=64x32', '-frames:v', '1', join(media, 'picture.png'));
  return media;
}

/** A page whose fake devices play the files of `makeMedia`. */
export const openPage = (folder: string, media: string, options: Partial<PageUnderTestOptions> = {}): Promise<PageUnderTest> =>
  PageUnderTest.open({
    folder,
    chromium: requireTool('chromium'),
    cameraFile: join(media, 'camera.y4m'),
    microphoneFile: join(media, 'tone.wav'),
    start: { options: { backend: 'cpu', tickStrip: true }, preview: true },
    ...options,
  });

export const box = (xPx: number, yPx: number, widthPx: number, heightPx: number, rotationDeg = 0) => ({
  xPx,
  yPx,
  widthPx,
  heightPx,
  rotationDeg,
});

/** A collection of one scene whose items have their sources' ids. */
export function collection(items: object[], sources: object[], audioInputs: object[] = []): SceneCollection {
  const withIds = items.map((item, index) => ({ id: `item${index}`, ...item }));
  return SceneCollection.parse({
    name: 'Test',
    canvas: { widthPx: 1280, heightPx: 720 },
    programSceneId: 'scene',
    scenes: [{ id: 'scene', name: 'Scene', items: withIds }],
    sources: sources.map((source) => ({ name: 'Source', ...source })),
    audioInputs,
  });
}

export const whole = { transform: box(0, 0, 1280, 720), fit: 'stretch' };
export const camera = { id: 'camera', kind: 'camera', deviceId: null };
