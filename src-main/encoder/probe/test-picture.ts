/** A picture that costs bits: a gradient that moves under noise. Pure. */

/** how the bits of a sample lie in it: p010 has its ten at the top */
export interface SampleShape {
  bytes: 1 | 2;
  shift: number;
}

/** Luma, and chroma in two planes or in one: it is grey, so that its order does not matter. */
export function testSamples(widthPx: number, heightPx: number, index: number, { bytes, shift }: SampleShape): Uint8Array {
  const luma = widthPx * heightPx;
  const samples = bytes === 1 ? new Uint8Array(luma * 1.5) : new Uint16Array(luma * 1.5);
  let noise = 12_345 + index;
  for (let at = 0; at < luma; at++) {
    noise = (noise * 1_103_515_245 + 12_345) & 0x7fffffff;
    const gradient = ((at % widthPx) + index * 4) & 127;
    samples[at] = (16 + gradient + ((noise >> 16) & 63)) << shift;
  }
  samples.fill(128 << shift, luma);
  return new Uint8Array(samples.buffer);
}
