/** BT.709 (ITU-R BT.709-6, 3.2 and 3.3) on full-range R'G'B' of 0..1. */
const [KR, KG, KB] = [0.2126, 0.7152, 0.0722];

export function lumaOf([red, green, blue]: readonly [number, number, number]): number {
  return KR * red + KG * green + KB * blue;
}

/** Cb and Cr, each in -0.5..0.5. */
export function chromaOf(rgb: readonly [number, number, number]): [number, number] {
  const luma = lumaOf(rgb);
  return [(rgb[2] - luma) / 1.8556, (rgb[0] - luma) / 1.5748];
}

/** Red, green and blue of #rrggbb, 0..1. */
export function rgbOf(colour: string): [number, number, number] {
  const level = (at: number) => Number.parseInt(colour.slice(at, at + 2), 16) / 255;
  return [level(1), level(3), level(5)];
}

export const LUMA_GLSL = 'vec3(0.2126, 0.7152, 0.0722)';
