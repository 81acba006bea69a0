/** Runs a video encoder over pictures as fast as it takes them, and looks at what came out. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { AV_LOG_ERROR } from 'node-av/constants';
import { Log } from 'node-av/lib';
import { Picture } from '../../src-main/encoder/picture.ts';
import { PictureConverters } from '../../src-main/encoder/picture-converter.ts';
import type { AccessUnit, OpenVideoEncoder } from '../../src-main/encoder/video/back-end.ts';
import { av1ConfigObus } from '../../src-main/wire/av1.ts';
import { avccToAnnexB, joinAnnexB, parseAvcConfig } from '../../src-main/wire/codec-config.ts';
import { parseHevcConfig } from '../../src-main/wire/hevc-config.ts';
import { VideoSettings } from '../../src-shared/domain/rendition.ts';
import { drawTickStrip, readTickStrip } from '../../src-shared/tick-strip.ts';
import { i420Bytes } from '../../src-shared/units.ts';
import { cameraLike } from '../bench/camera-like.ts';
import { requireTool } from './find-tools.ts';

Log.setLevel(AV_LOG_ERROR); // as the encoder process does

/** Small and quick; a test says what matters to it. */
export function settings(video: Partial<VideoSettings>): VideoSettings {
  return VideoSettings.parse({ widthPx: 320, heightPx: 180, frameRate: 30, bitrateKbps: 500, preset: 'ultrafast', ...video });
}

/** Something to decode. */
export interface Coded {
  settings: Pick<VideoSettings, 'codec' | 'widthPx' | 'heightPx'>;
  units: Pick<AccessUnit, 'key' | 'data'>[];
  /** the configuration that held for each unit */
  configs: Uint8Array[];
}

export interface Take extends Coded {
  settings: VideoSettings;
  units: AccessUnit[];
  /** performance.now() at which each unit came, and each tick was given */
  cameMs: number[];
  givenMs: Map<number, number>;
  /** how many units had come when a tick's `encode` resolved */
  outAfter: Map<number, number>;
}

export interface TakeOptions {
  ticks: number[];
  idrAt?: number[];
  /** kbps from a tick on */
  bitrateAt?: Record<number, number>;
}

const loops = new Map<string, Uint8Array[]>();

/** Pictures as a camera gives them: textures that sway, under fresh noise; each carries its tick. */
export function pictureOf({ widthPx, heightPx }: { widthPx: number; heightPx: number }, tick: number): Uint8Array {
  const key = `${widthPx}x${heightPx}`;
  const loop = loops.get(key) ?? cameraLike(widthPx, heightPx, 30);
  loops.set(key, loop);
  const planes = loop[tick % loop.length]!.slice();
  planes.fill(128, widthPx * heightPx); // grey, so that the strip is
  drawTickStrip(planes, widthPx, widthPx, tick);
  return planes;
}

export const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, n) => from + n);

/** Encodes, flushes and closes. */
export async function take(open: OpenVideoEncoder, video: VideoSettings, options: TakeOptions): Promise<Take> {
  const result: Take = { settings: video, units: [], configs: [], cameMs: [], givenMs: new Map(), outAfter: new Map() };
  let config: Uint8Array | null = null;
  const encoder = await open(video, (unit) => {
    config = unit.config ?? config;
    result.units.push(unit);
    result.configs.push(config ?? new Uint8Array());
    result.cameMs.push(performance.now());
  });
  config ??= encoder.config;
  const converter = await new PictureConverters(video).acquire({ ...encoder.inputSize, format: encoder.inputFormat, fit: 'contain' });
  try {
    for (const tick of options.ticks) {
      const kbps = options.bitrateAt?.[tick];
      if (kbps !== undefined) encoder.setBitrate(kbps);
      const picture = Picture.ofPlanes(pictureOf(video, tick), 0);
      const input = converter ? await converter.convert(picture) : picture;
      result.givenMs.set(tick, performance.now());
      await encoder.encode(input, tick, options.idrAt?.includes(tick) ?? false);
      result.outAfter.set(tick, result.units.length);
      if (converter) input.letGo();
      picture.letGo();
    }
    await encoder.flush();
  } finally {
    await encoder.close();
    converter?.release();
  }
  return result;
}

export const keysOf = ({ units }: Take): number[] => units.filter(({ key }) => key).map(({ pts }) => pts);

/** Average over the ticks from `from` to before `to`. */
export function rateKbps({ units, settings: { frameRate } }: Take, from: number, to: number): number {
  const bytes = units.filter(({ pts }) => pts >= from && pts < to).reduce((sum, { data }) => sum + data.length, 0);
  return (bytes * 8 * frameRate) / (to - from) / 1_000;
}

/** A unit as a decoder of raw streams wants it, with the parameter sets in front of keys. */
function rawUnit({ settings: { codec }, configs, units }: Coded, n: number): Uint8Array {
  const { data, key } = units[n]!;
  const config = configs[n]!;
  if (codec === 'av1') return Buffer.concat([Uint8Array.of(0x12, 0), ...(key ? [av1ConfigObus(config)] : []), data]); // a temporal delimiter
  if (!key) return avccToAnnexB(data);
  const sets = codec === 'h264' ? parseAvcConfig(config) : parseHevcConfig(config);
  return Buffer.concat([joinAnnexB([...('vps' in sets ? sets.vps : []), ...sets.sps, ...sets.pps]), avccToAnnexB(data)]);
}

function rawStream(result: Coded): Buffer {
  return Buffer.concat(result.units.map((_, n) => rawUnit(result, n)));
}

const RAW_FORMAT = { h264: 'h264', hevc: 'hevc', av1: 'obu' };

/** The ticks in the pictures that an independent decoder shows, in its order. @param scale against the size they were drawn in. @throws with what it complained of */
export async function shownTicks(result: Coded, scale = 1): Promise<(number | null)[]> {
  const { widthPx, heightPx, codec } = result.settings;
  const input = ['-v', 'error', '-f', RAW_FORMAT[codec], '-i', 'pipe:0', '-fps_mode', 'passthrough'];
  const raw = await pipe('ffmpeg', [...input, '-f', 'rawvideo', '-pix_fmt', 'yuv420p', 'pipe:1'], rawStream(result));
  const size = i420Bytes(widthPx, heightPx);
  if (raw.length % size !== 0) throw new Error(`the decoder gave pictures of another size than ${widthPx}x${heightPx}`);
  return range(0, raw.length / size).map((n) => readTickStrip(raw.subarray(n * size), widthPx, widthPx, scale));
}

/** What ffprobe reads from the stream. */
export async function probe(result: Coded): Promise<Record<string, string | number>> {
  const args = ['-v', 'error', '-f', RAW_FORMAT[result.settings.codec], '-show_streams', '-of', 'json', 'pipe:0'];
  return JSON.parse((await pipe('ffprobe', args, rawStream(result))).toString()).streams[0];
}

async function pipe(tool: 'ffmpeg' | 'ffprobe', args: string[], input: Buffer): Promise<Buffer> {
  const child = spawn(requireTool(tool), args);
  const chunks: Buffer[] = [];
  let complaints = '';
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => (complaints += chunk));
  child.stdin.on('error', () => {}); // ffprobe has read enough
  child.stdin.end(input);
  await once(child, 'close');
  if (complaints) throw new Error(`${tool}: ${complaints}`);
  return Buffer.concat(chunks);
}
