/** Opus' identification header, and how long a packet lasts. */
import { encodeText } from './text.ts';
import { WireError } from './wire-error.ts';

export interface OpusConfig {
  channels: number;
  /** samples of 48 kHz at the beginning that a player leaves out */
  preSkipSamples: number;
  /** of the source; what comes out is always 48 kHz */
  sourceRateHz: number;
  /** in 1/256 dB */
  outputGain: number;
  /** null: mono or stereo, family 0 */
  mapping: { family: number; streams: number; coupled: number; channels: Uint8Array } | null;
}

const MAGIC = encodeText('OpusHead');
const HEAD_BYTES = 19;

/** @see RFC 7845, 5.1 */
export function buildOpusHead({ channels, preSkipSamples, sourceRateHz, outputGain, mapping }: OpusConfig): Uint8Array {
  if (channels < 1 || channels > 255 || (!mapping && channels > 2)) throw new WireError('an Opus header has an impossible channel count');
  if (mapping && mapping.channels.length !== channels) throw new WireError('an Opus header has a channel mapping of another length');
  const out = new Uint8Array(HEAD_BYTES + (mapping ? 2 + channels : 0));
  const view = new DataView(out.buffer);
  out.set(MAGIC);
  out[8] = 1; // version
  out[9] = channels;
  view.setUint16(10, preSkipSamples, true);
  view.setUint32(12, sourceRateHz, true);
  view.setInt16(16, outputGain, true);
  out[18] = mapping?.family ?? 0;
  if (mapping) {
    out.set([mapping.streams, mapping.coupled], HEAD_BYTES);
    out.set(mapping.channels, HEAD_BYTES + 2);
  }
  return out;
}

export function parseOpusHead(bytes: Uint8Array): OpusConfig {
  if (bytes.length < HEAD_BYTES || MAGIC.some((byte, i) => bytes[i] !== byte)) throw new WireError('not an Opus header');
  if ((bytes[8] as number) >> 4 !== 0) throw new WireError('an Opus header has an unknown version');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const channels = bytes[9] as number;
  const family = bytes[18] as number;
  if (channels === 0 || (family === 0 && channels > 2)) throw new WireError('an Opus header has an impossible channel count');
  const table = bytes.subarray(HEAD_BYTES + 2, HEAD_BYTES + 2 + channels);
  if (family !== 0 && table.length !== channels) throw new WireError('an Opus header is cut off');
  return {
    channels,
    preSkipSamples: view.getUint16(10, true),
    sourceRateHz: view.getUint32(12, true),
    outputGain: view.getInt16(16, true),
    mapping:
      family === 0 ? null : { family, streams: bytes[HEAD_BYTES] as number, coupled: bytes[HEAD_BYTES + 1] as number, channels: table },
  };
}

/** Samples of 48 kHz a frame by the configuration in the first byte. @see RFC 6716, 3.1, table 2 */
function frameSamples(configuration: number): number {
  const step = configuration & 3;
  if (configuration < 12) return step === 3 ? 2_880 : 480 << step;
  if (configuration < 16) return 480 << (configuration & 1);
  return 120 << step;
}

/** What a packet lasts, in samples of 48 kHz. @see RFC 6716, 3.2 */
export function opusPacketSamples(packet: Uint8Array): number {
  const [first, second = 0] = packet;
  if (first === undefined) throw new WireError('an Opus packet is empty');
  const code = first & 3;
  if (code === 3 && packet.length < 2) throw new WireError('an Opus packet is cut off');
  const frames = code === 0 ? 1 : code === 3 ? second & 0x3f : 2;
  const samples = frames * frameSamples(first >> 3);
  if (samples === 0 || samples > 5_760) throw new WireError('an Opus packet lasts nothing, or too long');
  return samples;
}
