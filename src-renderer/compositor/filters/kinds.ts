/** The filters there are. A new one is a kind in src-shared/domain/filter.ts, a file here and a line in this table. */
import type { Filter, FilterKind } from '../../../src-shared/domain/index.ts';
import { blur } from './blur.ts';
import { chromaKey } from './chroma-key.ts';
import { colour } from './colour.ts';
import { colourKey } from './colour-key.ts';
import { crop } from './crop.ts';
import { delay } from './delay.ts';
import { denoise } from './denoise.ts';
import type { AreaKind, KindOf, PointKind } from './filter-kind.ts';
import { lumaKey } from './luma-key.ts';
import { lut } from './lut.ts';
import { mask } from './mask.ts';
import { scroll } from './scroll.ts';
import { sharpen } from './sharpen.ts';
import { temporalDenoise } from './temporal-denoise.ts';
import { watermark } from './watermark.ts';

const KINDS: { [K in FilterKind]: KindOf<K> } = {
  colour,
  lut,
  sharpen,
  blur,
  denoise,
  temporalDenoise,
  chromaKey,
  lumaKey,
  colourKey,
  crop,
  mask,
  scroll,
  delay,
  watermark,
};

/** What does the work of a filter, for that filter. */
export function kindOf(filter: Filter): PointKind<Filter> | AreaKind<Filter> {
  return KINDS[filter.kind] as PointKind<Filter> | AreaKind<Filter>;
}
