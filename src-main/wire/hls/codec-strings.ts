/** The names of codecs in a CODECS attribute. @see RFC 6381, 3.3; RFC 8216bis, 4.4.6.2 */
import { parseAv1Config } from '../av1.ts';
import { parseAacConfig, parseAvcConfig } from '../codec-config.ts';
import { parseHevcConfig } from '../hevc-config.ts';

const hex = (value: number) => value.toString(16).padStart(2, '0');

/** `avc1.640020`. @see ISO/IEC 14496-15, annex E.3 */
export function avcCodec(avcC: Uint8Array): string {
  const { profile, constraints, level } = parseAvcConfig(avcC);
  return `avc1.${hex(profile)}${hex(constraints)}${hex(level)}`;
}

/** `hvc1.1.6.L93.B0`. @see ISO/IEC 14496-15, annex E.3 */
export function hevcCodec(hvcC: Uint8Array): string {
  const { profileSpace, profile, compatibility, highTier, level, constraints } = parseHevcConfig(hvcC).general;
  const space = ['', 'A', 'B', 'C'][profileSpace];
  const flags = [...constraints];
  while (flags.at(-1) === 0) flags.pop();
  const parts = [`${space}${profile}`, reversed(compatibility).toString(16), `${highTier ? 'H' : 'L'}${level}`, ...flags.map(hex)];
  return `hvc1.${parts.join('.')}`;
}

/** Bit 0 becomes bit 31. */
function reversed(bits: number): number {
  let out = 0;
  for (let bit = 0; bit < 32; bit += 1) out = out * 2 + ((bits >>> bit) & 1);
  return out;
}

/** `av01.0.08M.08`. @see AV1 in ISOBMFF, 5 */
export function av1Codec(av1C: Uint8Array): string {
  const { profile, level, highTier, bitDepth } = parseAv1Config(av1C);
  const two = (value: number) => value.toString().padStart(2, '0');
  return `av01.${profile}.${two(level)}${highTier ? 'H' : 'M'}.${two(bitDepth)}`;
}

/** `mp4a.40.2` */
export function aacCodec(config: Uint8Array): string {
  return `mp4a.40.${parseAacConfig(config).objectType}`;
}

/** @see Encapsulation of Opus in ISOBMFF, 4.3.1 */
export const OPUS_CODEC = 'Opus';
