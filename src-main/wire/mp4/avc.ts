/** What the writer needs of an AVCDecoderConfigurationRecord (ISO/IEC 14496-15, 5.3.3.1). */
import { concat, u32 } from './box.ts';

/**
 * The parameter sets as NAL units with 4-byte lengths, to go in front of an IDR picture.
 * @returns empty when the record is cut short
 */
export function parameterSets(config: Uint8Array): Uint8Array {
  const view = new DataView(config.buffer, config.byteOffset, config.byteLength);
  const units: Uint8Array[] = [];
  let at = 5;
  for (const countMask of [0x1f, 0xff]) {
    if (at >= config.length) return new Uint8Array(0);
    const count = view.getUint8(at++) & countMask;
    for (let index = 0; index < count; index++) {
      if (at + 2 > config.length) return new Uint8Array(0);
      const size = view.getUint16(at);
      if (at + 2 + size > config.length) return new Uint8Array(0);
      units.push(u32(size), config.subarray(at + 2, at + 2 + size));
      at += 2 + size;
    }
  }
  return concat(units);
}
