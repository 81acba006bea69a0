/** Pictures to encode: as hard as a camera's, and the same every time. */
import { i420Bytes } from '../../src-shared/units.ts';
import { paintTestCard } from '../support/media-feeder.ts';

/** What a hand-held camera gives: a textured scene that sways, under fresh noise. A loop of `count` pictures. */
export function cameraLike(widthPx: number, heightPx: number, count: number): Uint8Array[] {
  const margin = 64;
  const scene = new Uint8Array(i420Bytes(widthPx + margin, heightPx + margin));
  const stride = widthPx + margin;
  for (let y = 0; y < heightPx + margin; y++) {
    for (let x = 0; x < stride; x++) {
      const shape = Math.sin(x / 37) * Math.cos(y / 29) + Math.sin((x + 2 * y) / 53) + (((x >> 6) + (y >> 6)) & 1) * 0.8;
      scene[y * stride + x] = 110 + 32 * shape;
    }
  }
  const card = new Uint8Array(i420Bytes(widthPx, heightPx));
  paintTestCard(card, widthPx, heightPx);
  let seed = 1;
  return Array.from({ length: count }, (_, n) => {
    const picture = card.slice();
    const turn = (2 * Math.PI * n) / count;
    const left = Math.round(30 + 28 * Math.sin(turn));
    const top = Math.round(30 + 28 * Math.cos(2 * turn));
    for (let y = 0; y < heightPx; y++) {
      for (let x = 0; x < widthPx; x++) {
        seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
        picture[y * widthPx + x] = scene[(y + top) * stride + x + left]! + (seed >>> 30) + ((seed >>> 27) & 3) - 3;
      }
    }
    return picture;
  });
}
