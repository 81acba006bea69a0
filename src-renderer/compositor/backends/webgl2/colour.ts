/** CSS colours as the canvas understands them, for the GPU. */

const known = new Map<string, readonly [number, number, number, number]>();
const KNOWN_MAX = 100;
let probe: OffscreenCanvasRenderingContext2D | null = null;

/** @returns red, green, blue from 0 to 1, and 1: what is painted over is gone */
export function rgbaOf(colour: string): readonly [number, number, number, number] {
  let rgba = known.get(colour);
  if (rgba) return rgba;
  probe ??= new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
  if (!probe) return [0, 0, 0, 1];
  probe.fillStyle = colour;
  probe.fillRect(0, 0, 1, 1);
  const [red = 0, green = 0, blue = 0] = probe.getImageData(0, 0, 1, 1).data;
  rgba = [red / 255, green / 255, blue / 255, 1];
  if (known.size >= KNOWN_MAX) known.clear();
  known.set(colour, rgba);
  return rgba;
}
