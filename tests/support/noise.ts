/** Pictures that an encoder needs every bit of its rate for. */
import type { FeederOptions } from './media-feeder.ts';

/** Noise below the tick strip, another one in each picture. */
export function noise({ widthPx, heightPx }: { widthPx: number; heightPx: number }): NonNullable<FeederOptions['draw']> {
  let seed = 1;
  return (planes) => {
    for (let at = 16 * widthPx; at < widthPx * heightPx; at += 2) {
      seed = (seed * 1_103_515_245 + 12_345) & 0x7fffffff;
      planes[at] = 96 + (seed >> 24);
    }
  };
}
