/** How the sound codecs cut time, in samples of their own rate. Without native code. */
import type { AudioHeader } from '../process/packet.ts';

export type AudioCodec = AudioHeader['codec'];

export interface AudioFormat {
  label: string;
  /** samples a packet, of each channel */
  frameSamples: number;
  /** by how much the first packet lies before the first sample */
  delaySamples: number;
}

const FORMATS: Record<AudioCodec, AudioFormat> = {
  aac: { label: 'AAC', frameSamples: 1_024, delaySamples: 1_024 },
  opus: { label: 'Opus', frameSamples: 960, delaySamples: 312 },
};

export const audioFormat = (codec: AudioCodec): AudioFormat => FORMATS[codec];
