/**
 * What a viewer really got: decodes a captured show and reads its pictures' tick strips, compares them with the
 * pictures that were composed, and measures sound against picture. Needs ffmpeg and ffprobe on the PATH.
 */
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { readTickStrip } from '../../src-shared/tick-strip.ts';
import { i420Bytes } from '../../src-shared/units.ts';

export interface Region {
  xPx: number;
  yPx: number;
  widthPx: number;
  heightPx: number;
}

export interface PacketInfo {
  kind: 'video' | 'audio';
  ptsS: number;
  dtsS: number;
  sizeBytes: number;
  key: boolean;
}

export interface PictureAnalysis {
  pictures: number;
  /** ticks in the order they were shown; null where the strip could not be read */
  ticks: (number | null)[];
  distinctTicks: number;
  /** when each was shown */
  timesS: number[];
  /** dB over all three planes, of the pictures for which a reference exists */
  psnrDb: number[];
  regionPsnrDb: Record<string, number[]>;
  /** mean Y, U, V of each patch, over all pictures */
  patches: Record<string, [number, number, number]>;
  /** presentation times at which the flash region turned white */
  flashesS: number[];
}

export interface PictureQuestions {
  widthPx: number;
  heightPx: number;
  /** tick → file with the composed I420 picture */
  references?: Map<number, string>;
  /** luma PSNR is taken of these parts too */
  regions?: Record<string, Region>;
  patches?: Record<string, Region>;
  flash?: Region;
}

export async function run(command: string, args: string[]): Promise<Buffer> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const out: Buffer[] = [];
  let errors = '';
  child.stdout.on('data', (data: Buffer) => out.push(data));
  child.stderr.on('data', (data: Buffer) => (errors += data));
  const code = await new Promise((resolve) => child.on('close', resolve));
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}: ${errors.slice(-2_000)}`);
  return Buffer.concat(out);
}

/** All packets of a file in file order. */
export async function probePackets(file: string): Promise<PacketInfo[]> {
  const entries = 'packet=codec_type,pts_time,dts_time,size,flags';
  const text = await run('ffprobe', ['-v', 'error', '-show_entries', entries, '-of', 'json', file]);
  const { packets } = JSON.parse(text.toString()) as { packets: Record<string, string>[] };
  return packets.map((packet) => ({
    kind: packet['codec_type'] === 'video' ? 'video' : 'audio',
    ptsS: Number(packet['pts_time'] ?? packet['dts_time']),
    dtsS: Number(packet['dts_time'] ?? packet['pts_time']),
    sizeBytes: Number(packet['size']),
    key: (packet['flags'] ?? '').includes('K'),
  }));
}

export async function analysePictures(file: string, questions: PictureQuestions): Promise<PictureAnalysis> {
  const { widthPx, heightPx } = questions;
  const times = (await probePackets(file)).filter((packet) => packet.kind === 'video').map((packet) => packet.ptsS);
  times.sort((a, b) => a - b);
  const result: PictureAnalysis = {
    pictures: 0,
    ticks: [],
    distinctTicks: 0,
    timesS: times,
    psnrDb: [],
    regionPsnrDb: {},
    patches: {},
    flashesS: [],
  };
  const sums = Object.fromEntries(Object.keys(questions.patches ?? {}).map((name) => [name, [0, 0, 0] as [number, number, number]]));
  let white = false;
  await eachPicture(file, widthPx, heightPx, async (planes, index) => {
    const tick = readTickStrip(planes, widthPx, widthPx);
    result.ticks.push(tick);
    const reference = tick === null ? undefined : questions.references?.get(tick);
    if (reference) comparePicture(planes, await readFile(reference), questions, result);
    for (const [name, region] of Object.entries(questions.patches ?? {})) addPatch(planes, region, questions, sums[name] ?? [0, 0, 0]);
    if (questions.flash) {
      const nowWhite = meanOf(planes, widthPx, questions.flash) > 160;
      if (nowWhite && !white) result.flashesS.push(times[index] ?? Number.NaN);
      white = nowWhite;
    }
  });
  result.pictures = result.ticks.length;
  result.distinctTicks = new Set(result.ticks.filter((tick) => tick !== null)).size;
  for (const [name, sum] of Object.entries(sums))
    result.patches[name] = sum.map((value) => value / result.pictures) as [number, number, number];
  return result;
}

/** Decodes to I420, in presentation order, without doubling or dropping. */
async function eachPicture(
  file: string,
  widthPx: number,
  heightPx: number,
  see: (planes: Uint8Array, index: number) => Promise<void>,
): Promise<void> {
  const args = ['-v', 'error', '-i', file, '-map', '0:v:0', '-fps_mode', 'passthrough', '-f', 'rawvideo', '-pix_fmt', 'yuv420p', '-'];
  const child = spawn('ffmpeg', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  const picture = new Uint8Array(i420Bytes(widthPx, heightPx));
  let filled = 0;
  let index = 0;
  for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
    for (let at = 0; at < chunk.length; ) {
      const count = Math.min(chunk.length - at, picture.length - filled);
      picture.set(chunk.subarray(at, at + count), filled);
      at += count;
      filled += count;
      if (filled < picture.length) break;
      await see(picture, index++);
      filled = 0;
    }
  }
  const code = await ended;
  if (code !== 0) throw new Error(`ffmpeg could not decode ${file}: ${code}`);
}

function comparePicture(
  planes: Uint8Array,
  reference: Uint8Array,
  { widthPx, heightPx, regions }: PictureQuestions,
  result: PictureAnalysis,
): void {
  const luma = widthPx * heightPx;
  result.psnrDb.push(psnr(squaredError(planes, reference, 0, planes.length), planes.length));
  for (const [name, region] of Object.entries(regions ?? {})) {
    let error = 0;
    for (let y = region.yPx; y < region.yPx + region.heightPx; y += 1) {
      const from = y * widthPx + region.xPx;
      error += squaredError(planes.subarray(0, luma), reference, from, from + region.widthPx);
    }
    (result.regionPsnrDb[name] ??= []).push(psnr(error, region.widthPx * region.heightPx));
  }
}

function squaredError(a: Uint8Array, b: Uint8Array, from: number, to: number): number {
  let sum = 0;
  for (let at = from; at < to; at += 1) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0);
    sum += difference * difference;
  }
  return sum;
}

function psnr(squared: number, count: number): number {
  return squared === 0 ? 100 : 10 * Math.log10((255 * 255 * count) / squared);
}

function addPatch(planes: Uint8Array, region: Region, { widthPx, heightPx }: PictureQuestions, sum: [number, number, number]): void {
  const half = { xPx: region.xPx >> 1, yPx: region.yPx >> 1, widthPx: region.widthPx >> 1, heightPx: region.heightPx >> 1 };
  const luma = widthPx * heightPx;
  sum[0] += meanOf(planes, widthPx, region);
  sum[1] += meanOf(planes.subarray(luma), widthPx >> 1, half);
  sum[2] += meanOf(planes.subarray(luma + luma / 4), widthPx >> 1, half);
}

function meanOf(plane: Uint8Array, stride: number, region: Region): number {
  let sum = 0;
  for (let y = region.yPx; y < region.yPx + region.heightPx; y += 1)
    for (let x = region.xPx; x < region.xPx + region.widthPx; x += 1) sum += plane[y * stride + x] ?? 0;
  return sum / (region.widthPx * region.heightPx);
}

/** The longest time one tick stayed on screen, in whole ms, as exact as the containers' times are. */
export function longestHeld(ticks: (number | null)[], timesS: number[]): number {
  let longest = 0;
  let since = 0;
  for (let at = 1; at <= ticks.length; at += 1) {
    if (at < ticks.length && ticks[at] === ticks[since]) continue;
    longest = Math.max(longest, (timesS[at] ?? timesS[at - 1] ?? 0) - (timesS[since] ?? 0));
    since = at;
  }
  return Math.round(longest * 1_000);
}

const RATE_HZ = 48_000;
const WINDOW = 96; // 2 ms: two periods of the 1 kHz beep

/** Strength of 1 kHz (0 to about 1), one value every 2 ms, with the time of the first sample. */
async function beepStrength(file: string): Promise<{ strength: Float64Array; startS: number }> {
  const raw = await run('ffmpeg', ['-v', 'error', '-i', file, '-map', '0:a:0', '-f', 'f32le', '-ac', '1', '-ar', String(RATE_HZ), '-']);
  const first = (await probePackets(file)).find((packet) => packet.kind === 'audio');
  const samples = new Float32Array(raw.buffer.slice(raw.byteOffset, raw.byteOffset + raw.byteLength - (raw.byteLength % 4)));
  const strength = new Float64Array(Math.floor(samples.length / WINDOW));
  const step = (2 * Math.PI * 1_000) / RATE_HZ;
  for (let window = 0; window < strength.length; window += 1) {
    let re = 0;
    let im = 0;
    for (let at = 0; at < WINDOW; at += 1) {
      const sample = samples[window * WINDOW + at] ?? 0;
      re += sample * Math.cos(step * at);
      im += sample * Math.sin(step * at);
    }
    strength[window] = (2 * Math.hypot(re, im)) / WINDOW;
  }
  // what an edit list hides lies before 0, and is not decoded
  return { strength, startS: Math.max(0, first?.ptsS ?? 0) };
}

/**
 * Sound minus picture, in ms, for each flash: where 1 kHz rises most steeply within 300 ms of it.
 * Positive: the sound is late. The other sounds of the show may go on meanwhile.
 */
export async function audioOffsetsMs(file: string, flashesS: number[]): Promise<number[]> {
  const { strength, startS } = await beepStrength(file);
  const meanOver = (from: number, count: number) => {
    let sum = 0;
    for (let at = from; at < from + count; at += 1) sum += strength[at] ?? 0;
    return sum / count;
  };
  const offsets: number[] = [];
  for (const flashS of flashesS) {
    const centre = Math.round(((flashS - startS) * RATE_HZ) / WINDOW);
    let best = { rise: 0.02, at: -1 };
    for (let at = Math.max(20, centre - 150); at < Math.min(strength.length - 20, centre + 150); at += 1) {
      const rise = meanOver(at, 20) - meanOver(at - 20, 20);
      if (rise > best.rise) best = { rise, at };
    }
    if (best.at >= 0) offsets.push((startS + (best.at * WINDOW) / RATE_HZ - flashS) * 1_000);
  }
  return offsets;
}

export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
