/** Asks of one capture of the show all that a broadcast must show, and reports the figures: all of them, whichever fail. */
import { ALL_FORMATS, FilePathSource, Input } from 'mediabunny';
import { expect } from 'vitest';
import {
  analysePictures,
  audioOffsetsMs,
  longestHeld,
  median,
  type PacketInfo,
  type PictureAnalysis,
  probePackets,
} from './broadcast-analysis.ts';
import { recordFigure } from './figures.ts';
import { PATCH_YUV, REGIONS, SHOW_FRAME_RATE, SHOW_HEIGHT_PX, SHOW_WIDTH_PX } from './show.ts';

export interface CaptureBounds {
  /** seconds of the show that must be there */
  seconds: number;
  /** where they begin: so many seconds into this capture, since the page warms up in those, or at a tick that another's began with */
  from: { skipSeconds: number } | { tick: number };
  /** distinct ticks per tick of the show, 0 to 1 */
  distinctPart: number;
  longestHeldMs: number;
  bitrateKbps: number;
  /** sound against picture, either way */
  offsetMs: number;
  references: Map<number, string>;
}

/**
 * @param file in a container that both ffprobe and mediabunny read
 * @returns the tick its seconds began with, so that other captures can be asked for the same pictures
 */
export async function verifyCapture(name: string, file: string, bounds: CaptureBounds): Promise<{ tick: number }> {
  const packets = await probePackets(file);
  const video = packets.filter((packet) => packet.kind === 'video');
  for (let at = 1; at < video.length; at += 1)
    expect(video[at]?.dtsS, `${name}: dts of packet ${at}`).toBeGreaterThan(video[at - 1]?.dtsS ?? 0);
  await verifyWithMediabunny(name, file, packets);

  const pictures = await analysePictures(file, {
    widthPx: SHOW_WIDTH_PX,
    heightPx: SHOW_HEIGHT_PX,
    references: bounds.references,
    regions: { title: REGIONS.title, logo: REGIONS.logo },
    patches: { patch: REGIONS.patch },
    flash: REGIONS.flash,
  });
  const first = firstPicture(pictures.ticks, bounds.from);
  verifyPictures(name, pictures, first, bounds);
  verifyBitrate(name, video, bounds.bitrateKbps);
  await verifySound(name, file, pictures.flashesS, bounds.offsetMs);
  return { tick: pictures.ticks[first] ?? Number.NaN };
}

function firstPicture(ticks: (number | null)[], from: CaptureBounds['from']): number {
  if ('skipSeconds' in from) return from.skipSeconds * SHOW_FRAME_RATE;
  return ticks.findIndex((tick) => tick !== null && tick >= from.tick);
}

async function verifyWithMediabunny(name: string, file: string, packets: PacketInfo[]): Promise<void> {
  using input = new Input({ source: new FilePathSource(file), formats: ALL_FORMATS });
  const video = await input.getPrimaryVideoTrack();
  const audio = await input.getPrimaryAudioTrack();
  expect([await video?.getCodec(), await audio?.getCodec()], `${name}: codecs`).toEqual(['avc', 'aac']);
  const stats = await video?.computePacketStats();
  expect(stats?.packetCount, `${name}: pictures in mediabunny's eyes`).toBe(packets.filter((packet) => packet.kind === 'video').length);
}

function verifyPictures(name: string, pictures: PictureAnalysis, from: number, bounds: CaptureBounds): void {
  const wanted = bounds.seconds * SHOW_FRAME_RATE;
  expect(from, `${name}: where its seconds begin`).toBeGreaterThanOrEqual(0);
  const window = pictures.ticks.slice(from, from + wanted);
  const heldMs = longestHeld(window, pictures.timesS.slice(from, from + wanted));
  const distinct = new Set(window.filter((tick) => tick !== null)).size;
  const worst = (values: number[] = []) => Math.min(...values);
  recordFigure(`${name}: distinct ticks of ${wanted}`, distinct);
  recordFigure(`${name}: longest held`, heldMs, 'ms');
  if (distinct < wanted) console.info(`${name}: repeated or missing at ${repeatedAtS(window).join(', ')} s`);
  recordFigure(`${name}: PSNR median`, median(pictures.psnrDb), 'dB');
  recordFigure(`${name}: PSNR lowest`, worst(pictures.psnrDb), 'dB');
  recordFigure(`${name}: PSNR of title, median`, median(pictures.regionPsnrDb['title'] ?? []), 'dB');
  recordFigure(`${name}: PSNR of title, lowest`, worst(pictures.regionPsnrDb['title']), 'dB');
  recordFigure(`${name}: PSNR of logo, lowest`, worst(pictures.regionPsnrDb['logo']), 'dB');
  expect.soft(window.length, `${name}: pictures`).toBe(wanted);
  expect.soft(distinct, `${name}: distinct ticks`).toBeGreaterThanOrEqual(Math.floor(wanted * bounds.distinctPart));
  expect.soft(heldMs, `${name}: longest held`).toBeLessThanOrEqual(bounds.longestHeldMs);
  expect.soft(pictures.psnrDb.length, `${name}: pictures compared`).toBeGreaterThan(bounds.seconds / 2);
  expect.soft(median(pictures.psnrDb), `${name}: PSNR`).toBeGreaterThanOrEqual(38);
  expect.soft(median(pictures.regionPsnrDb['title'] ?? []), `${name}: PSNR of the title`).toBeGreaterThanOrEqual(38);
  expect.soft(median(pictures.regionPsnrDb['logo'] ?? []), `${name}: PSNR of the logo`).toBeGreaterThanOrEqual(38);
  const patch = pictures.patches['patch'] ?? [0, 0, 0];
  for (const [plane, value] of patch.entries())
    expect.soft(Math.abs(value - (PATCH_YUV[plane] ?? 0)), `${name}: patch plane ${plane} is ${value}`).toBeLessThanOrEqual(3);
}

/** Seconds into the window at which a picture shows no new tick. */
function repeatedAtS(ticks: (number | null)[]): number[] {
  return ticks
    .flatMap((tick, at) => (at > 0 && (tick === null || tick === ticks[at - 1]) ? [at / SHOW_FRAME_RATE] : []))
    .map((s) => Number(s.toFixed(2)));
}

/** Over whole seconds after the first two, in which rate control settles. */
function verifyBitrate(name: string, video: PacketInfo[], bitrateKbps: number): void {
  const from = (video[0]?.dtsS ?? 0) + 2;
  const to = video.at(-1)?.dtsS ?? 0;
  const bytes = video.filter((packet) => packet.dtsS >= from && packet.dtsS < to).reduce((sum, packet) => sum + packet.sizeBytes, 0);
  const measured = (bytes * 8) / (to - from) / 1_000;
  recordFigure(`${name}: video bitrate`, measured, 'kbps');
  expect.soft(Math.abs(measured / bitrateKbps - 1), `${name}: ${measured} kbps`).toBeLessThanOrEqual(0.1);
}

async function verifySound(name: string, file: string, flashesS: number[], boundMs: number): Promise<void> {
  const offsets = await audioOffsetsMs(file, flashesS);
  const part = Math.max(1, Math.floor(offsets.length / 3));
  const start = median(offsets.slice(0, part));
  const end = median(offsets.slice(-part));
  recordFigure(`${name}: sound after picture at the start`, start, 'ms');
  recordFigure(`${name}: sound after picture at the end`, end, 'ms');
  expect
    .soft(offsets.length, `${name}: beeps found for ${flashesS.length} flashes`)
    .toBeGreaterThanOrEqual(Math.max(1, flashesS.length * 0.6));
  expect.soft(Math.abs(start), `${name}: A/V offset at the start`).toBeLessThanOrEqual(boundMs);
  expect.soft(Math.abs(end), `${name}: A/V offset at the end`).toBeLessThanOrEqual(boundMs);
}
