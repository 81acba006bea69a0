/** The header in front of each AAC frame in a transport stream. @see ISO/IEC 14496-3, 1.A.2.2 */
import type { AacConfig } from '../codec-config.ts';
import { WireError } from '../wire-error.ts';

export const ADTS_BYTES = 7;
const SAMPLE_RATES_HZ = [96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350];
const FRAME_MAX_BYTES = 0x1fff;
/** HE-AAC is announced as its core, AAC-LC: players find the extension by themselves. */
const EXTENSIONS = new Set([5, 29]);
const AAC_LC = 2;

/** @throws WireError for what an ADTS header cannot say: a profile above LTP, an odd sample rate, a frame over 8 KiB */
export function adtsHeader({ objectType, sampleRateHz, channels }: AacConfig, frameBytes: number): Uint8Array {
  const core = EXTENSIONS.has(objectType) ? AAC_LC : objectType;
  const rate = SAMPLE_RATES_HZ.indexOf(sampleRateHz);
  const channelConfig = channels === 8 ? 7 : channels;
  const length = ADTS_BYTES + frameBytes;
  if (core < 1 || core > 4 || rate < 0 || channelConfig < 1 || channelConfig > 7 || channels === 7)
    throw new WireError('this AAC configuration does not fit MPEG-TS');
  if (length > FRAME_MAX_BYTES) throw new WireError('an AAC frame is too long for MPEG-TS');
  return Uint8Array.of(
    0xff,
    0xf1, // MPEG-4, layer 0, no CRC
    ((core - 1) << 6) | (rate << 2) | (channelConfig >> 2),
    ((channelConfig & 3) << 6) | (length >> 11),
    (length >> 3) & 0xff,
    ((length & 7) << 5) | 0x1f, // fullness 0x7ff: a variable rate
    0xfc, // one frame
  );
}
