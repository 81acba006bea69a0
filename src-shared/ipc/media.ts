/**
 * The media connection: from the renderer straight to the encoder, never through the engine.
 * First message, JSON: MediaHello. Then bytes: a 32-byte header and its payload, in little-endian:
 *
 *   offset 0  u32  magic 'TCV1' (video) or 'TCA1' (audio)
 *          4  u16  video: width in pixels            audio: channels (2)
 *          6  u16  video: height in pixels           audio: 0
 *          8  u32  video: tick index                 audio: samples per channel
 *         12  u32  0
 *         16  f64  video: when the newest camera or screen picture in it was captured, like the next; 0: none is in it
 *                  audio: index of the first sample since this connection began
 *         24  f64  capture time, microseconds since the engine's epoch (of the first sample, for audio)
 *         32       video: I420 planes Y, U, V, BT.709 limited, exactly width*height*3/2 bytes
 *                  audio: interleaved float32, exactly samples*channels*4 bytes, 48 kHz
 *
 * Flow control for video: the encoder answers every picture with MediaAck; a sender keeps at most
 * MEDIA_CREDITS pictures unanswered and skips ticks beyond that.
 */
import { z } from 'zod';
import { StudioError } from '../errors.ts';
import { AUDIO_CHANNELS, i420Bytes } from '../units.ts';

export const MEDIA_HEADER_BYTES = 32;
export const MEDIA_CREDITS = 4;
export const AUDIO_BLOCK_SAMPLES_MAX = 48_000;
const VIDEO_MAGIC = 0x31_56_43_54; // 'TCV1'
const AUDIO_MAGIC = 0x31_41_43_54; // 'TCA1'

/** One connection carries one kind, so that pictures never delay sound or clock pings. */
export const MediaHello = z.strictObject({
  type: z.literal('hello'),
  version: z.literal(1),
  token: z.string().max(200),
  role: z.enum(['video', 'audio']),
});
export type MediaHello = z.infer<typeof MediaHello>;

/** Sent on the audio connection; `sentAtMs` is the renderer's performance.now() and comes back as it is. */
export const MediaPing = z.strictObject({ type: z.literal('ping'), sentAtMs: z.number() });

/** What the encoder sends. `welcome` is the answer to a good hello; a bad one closes the connection. */
export const MediaReply = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('welcome'), timeUs: z.number() }),
  z.strictObject({ type: z.literal('pong'), sentAtMs: z.number(), timeUs: z.number() }),
  z.strictObject({ type: z.literal('ack'), tick: z.int() }),
  z.strictObject({ type: z.literal('refused'), code: z.string(), message: z.string() }),
]);
export type MediaReply = z.infer<typeof MediaReply>;

export interface VideoFrame420 {
  kind: 'video';
  widthPx: number;
  heightPx: number;
  tick: number;
  captureTimeUs: number;
  /** left out: no camera or screen is in it */
  cameraTimeUs?: number;
  /** I420, see above */
  planes: Uint8Array;
}

export interface AudioBlock {
  kind: 'audio';
  sampleIndex: number;
  captureTimeUs: number;
  /** interleaved stereo, 48 kHz, full scale ±1 */
  samples: Float32Array;
}

export type MediaPacketIn = VideoFrame420 | AudioBlock;

/** Writes the header of a picture into the first 32 bytes of a message whose planes follow it. */
export function writeVideoHeader(message: Uint8Array, frame: Omit<VideoFrame420, 'kind' | 'planes'>): void {
  const view = new DataView(message.buffer, message.byteOffset, MEDIA_HEADER_BYTES);
  view.setUint32(0, VIDEO_MAGIC, true);
  view.setUint16(4, frame.widthPx, true);
  view.setUint16(6, frame.heightPx, true);
  view.setUint32(8, frame.tick, true);
  view.setUint32(12, 0, true);
  view.setFloat64(16, frame.cameraTimeUs ?? 0, true);
  view.setFloat64(24, frame.captureTimeUs, true);
}

/** A whole message for a block of sound. */
export function encodeAudio(block: Omit<AudioBlock, 'kind'>): Uint8Array {
  const message = new Uint8Array(MEDIA_HEADER_BYTES + block.samples.byteLength);
  const view = new DataView(message.buffer);
  view.setUint32(0, AUDIO_MAGIC, true);
  view.setUint16(4, AUDIO_CHANNELS, true);
  view.setUint32(8, block.samples.length / AUDIO_CHANNELS, true);
  view.setFloat64(16, block.sampleIndex, true);
  view.setFloat64(24, block.captureTimeUs, true);
  message.set(new Uint8Array(block.samples.buffer, block.samples.byteOffset, block.samples.byteLength), MEDIA_HEADER_BYTES);
  return message;
}

/**
 * Reads one binary message. The planes and samples are views where alignment allows, else copies.
 * @throws StudioError media.bad-frame when the magic, a size or a number is not exactly right
 */
export function decodeMedia(message: Uint8Array): MediaPacketIn {
  if (message.byteLength < MEDIA_HEADER_BYTES) throw bad(`${message.byteLength} bytes are no header`);
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  const captureTimeUs = view.getFloat64(24, true);
  if (!Number.isFinite(captureTimeUs)) throw bad('the capture time is not a number');
  const payload = message.subarray(MEDIA_HEADER_BYTES);
  const magic = view.getUint32(0, true);
  if (magic === VIDEO_MAGIC) return decodeVideo(view, payload, captureTimeUs);
  if (magic === AUDIO_MAGIC) return decodeAudio(view, payload, captureTimeUs);
  throw bad('unknown magic');
}

function decodeVideo(view: DataView, planes: Uint8Array, captureTimeUs: number): VideoFrame420 {
  const widthPx = view.getUint16(4, true);
  const heightPx = view.getUint16(6, true);
  if (widthPx === 0 || heightPx === 0 || widthPx % 2 || heightPx % 2) throw bad(`${widthPx}x${heightPx} is not an I420 size`);
  if (planes.byteLength !== i420Bytes(widthPx, heightPx)) throw bad(`${planes.byteLength} bytes are not ${widthPx}x${heightPx} I420`);
  const cameraTimeUs = view.getFloat64(16, true);
  const camera = Number.isFinite(cameraTimeUs) && cameraTimeUs !== 0 ? { cameraTimeUs } : {};
  return { kind: 'video', widthPx, heightPx, tick: view.getUint32(8, true), captureTimeUs, ...camera, planes };
}

function decodeAudio(view: DataView, payload: Uint8Array, captureTimeUs: number): AudioBlock {
  const channels = view.getUint16(4, true);
  const count = view.getUint32(8, true);
  const sampleIndex = view.getFloat64(16, true);
  if (channels !== AUDIO_CHANNELS) throw bad(`${channels} channels`);
  if (count === 0 || count > AUDIO_BLOCK_SAMPLES_MAX) throw bad(`${count} samples`);
  if (!Number.isSafeInteger(sampleIndex) || sampleIndex < 0) throw bad('the sample index is not a count');
  if (payload.byteLength !== count * channels * 4) throw bad(`${payload.byteLength} bytes are not ${count} samples`);
  const aligned = payload.byteOffset % 4 === 0 ? payload : payload.slice();
  const samples = new Float32Array(aligned.buffer, aligned.byteOffset, count * channels);
  return { kind: 'audio', sampleIndex, captureTimeUs, samples: soundOnly(samples) };
}

/** Becomes silence: not a number, infinite, or 120 dB beyond full scale. One such sample, and the AAC encoder refuses its frame. */
function soundOnly(samples: Float32Array): Float32Array {
  const isSound = (sample: number) => Math.abs(sample) < 1e6;
  return samples.every(isSound) ? samples : samples.map((sample) => (isSound(sample) ? sample : 0));
}

function bad(what: string): StudioError {
  return new StudioError('media.bad-frame', `A media message was refused: ${what}.`);
}
