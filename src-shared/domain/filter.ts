/**
 * Filters of a source's picture: one discriminated union, and one table of what each kind's numbers may be. Both back
 * ends of the compositor and the interface go by it; what a filter does is told in src-renderer/compositor/filters.
 */
import { z } from 'zod';
import { Colour } from './colour.ts';
import { AssetId, FilterId } from './ids.ts';

export const FILTERS_MAX = 32;

export interface FilterRange {
  min: number;
  max: number;
  step: number;
  initial: number;
  /** as it is shown; lengths are in pixels of the source's own picture */
  unit: '%' | 'px' | '°' | 'ms' | 'px/s' | '';
}

const percent = (min: number, max: number, initial: number): FilterRange => ({ min, max, step: 1, initial, unit: '%' });
const edgePx: FilterRange = { min: 0, max: 8_192, step: 1, initial: 0, unit: 'px' };
const speed: FilterRange = { min: -4_000, max: 4_000, step: 10, initial: 0, unit: 'px/s' };

/** The numbers of each kind, in the order in which they are shown. */
export const FILTER_RANGES = {
  colour: {
    brightnessPct: percent(-100, 100, 0),
    contrastPct: percent(-100, 100, 0),
    saturationPct: percent(-100, 100, 0),
    temperaturePct: percent(-100, 100, 0),
    hueDeg: { min: -180, max: 180, step: 1, initial: 0, unit: '°' },
    gamma: { min: 0.25, max: 4, step: 0.05, initial: 1, unit: '' },
    opacityPct: percent(0, 100, 100),
  },
  lut: { amountPct: percent(0, 100, 100) },
  sharpen: { amountPct: percent(0, 300, 80), sigmaPx: { min: 0.5, max: 3, step: 0.1, initial: 1.2, unit: 'px' } },
  blur: { sigmaPx: { min: 0.5, max: 64, step: 0.5, initial: 8, unit: 'px' } },
  denoise: { strengthPct: percent(0, 100, 40) },
  temporalDenoise: { strengthPct: percent(0, 100, 50) },
  chromaKey: { similarityPct: percent(1, 100, 20), smoothnessPct: percent(1, 100, 10), spillPct: percent(0, 100, 60) },
  lumaKey: { minPct: percent(0, 100, 10), maxPct: percent(0, 100, 100), smoothnessPct: percent(0, 100, 5) },
  colourKey: { similarityPct: percent(1, 100, 10), smoothnessPct: percent(1, 100, 5) },
  crop: { leftPx: edgePx, topPx: edgePx, rightPx: edgePx, bottomPx: edgePx },
  mask: {},
  scroll: { xPxPerS: { ...speed, initial: 60 }, yPxPerS: speed },
  delay: { delayMs: { min: 0, max: 2_000, step: 10, initial: 200, unit: 'ms' } },
  watermark: { opacityPct: percent(0, 100, 60), sizePct: percent(1, 100, 20), marginPct: percent(0, 50, 3) },
} as const satisfies Record<string, Record<string, FilterRange>>;

/** The number fields of a kind as schemas, each with its initial value as default. */
function numbers<T extends Record<string, FilterRange>>(ranges: T): { [K in keyof T]: z.ZodDefault<z.ZodNumber> } {
  const fields = Object.entries(ranges).map(([name, { min, max, initial }]) => [name, z.number().min(min).max(max).default(initial)]);
  return Object.fromEntries(fields) as { [K in keyof T]: z.ZodDefault<z.ZodNumber> };
}

const kind = <K extends keyof typeof FILTER_RANGES>(name: K) => ({
  id: FilterId,
  /** left out: it is called by its kind */
  name: z.string().min(1).max(100).optional(),
  enabled: z.boolean().default(true),
  kind: z.literal(name),
  ...numbers(FILTER_RANGES[name]),
});
/** null until the user has chosen one: the filter does nothing so far */
const asset = AssetId.nullable().default(null);

export const WATERMARK_PLACES = ['top-left', 'top-right', 'bottom-left', 'bottom-right', 'centre'] as const;

export const Filter = z.discriminatedUnion('kind', [
  z.strictObject(kind('colour')),
  /** `assetId`: a .cube file */
  z.strictObject({ ...kind('lut'), assetId: asset }),
  z.strictObject(kind('sharpen')),
  z.strictObject(kind('blur')),
  z.strictObject(kind('denoise')),
  z.strictObject(kind('temporalDenoise')),
  z.strictObject({ ...kind('chromaKey'), colour: Colour.default('#00b140') }),
  z.strictObject(kind('lumaKey')),
  z.strictObject({ ...kind('colourKey'), colour: Colour.default('#ffffff') }),
  z.strictObject(kind('crop')),
  /** `assetId`: a picture, stretched over the source's; what its alpha or brightness says stays */
  z.strictObject({ ...kind('mask'), assetId: asset, by: z.enum(['alpha', 'luma']).default('alpha'), inverted: z.boolean().default(false) }),
  z.strictObject(kind('scroll')),
  z.strictObject(kind('delay')),
  z.strictObject({ ...kind('watermark'), assetId: asset, place: z.enum(WATERMARK_PLACES).default('bottom-right') }),
]);
export type Filter = z.infer<typeof Filter>;
export type FilterKind = Filter['kind'];
export type FilterOf<K extends FilterKind> = Extract<Filter, { kind: K }>;

/**
 * What filters give up, step by step, while pictures come late: each holds with those before it. half-size: they work
 * on pictures of half the size; skip: dispensable ones are left out; models: models look less often.
 */
export const FilterRelief = z.enum(['none', 'half-size', 'skip', 'models']);
export type FilterRelief = z.infer<typeof FilterRelief>;

export interface FilterTraits {
  /** what it takes of a machine without a GPU, beside a picture's own way */
  cost: 'light' | 'medium' | 'heavy';
  /** left out for a while when pictures come late: the picture is coarser without it, not another one */
  dispensable: boolean;
  /** goes by what a model finds in the picture: see FrameAnalysis of the compositor */
  usesModel: boolean;
  /** whether it may work on a picture that is already as small as it is shown */
  atShownSize: boolean;
  asset: 'picture' | 'lut' | null;
}

const light: FilterTraits = { cost: 'light', dispensable: false, usesModel: false, atShownSize: true, asset: null };

export const FILTER_TRAITS: Record<FilterKind, FilterTraits> = {
  colour: light,
  lut: { ...light, cost: 'medium', asset: 'lut' },
  sharpen: { ...light, cost: 'medium', dispensable: true },
  blur: { ...light, cost: 'medium' },
  denoise: { ...light, cost: 'heavy', dispensable: true, atShownSize: false },
  temporalDenoise: { ...light, cost: 'medium', dispensable: true },
  chromaKey: light,
  lumaKey: light,
  colourKey: light,
  crop: light,
  mask: { ...light, asset: 'picture' },
  scroll: light,
  delay: light,
  watermark: { ...light, asset: 'picture' },
};

/** The picture's size after its filters; only crops change it. */
export function filteredSize(
  filters: readonly Filter[],
  { width, height }: { width: number; height: number },
): { width: number; height: number } {
  const size = { width, height };
  for (const filter of filters) {
    if (filter.kind !== 'crop' || !filter.enabled) continue;
    size.width = Math.max(1, size.width - filter.leftPx - filter.rightPx);
    size.height = Math.max(1, size.height - filter.topPx - filter.bottomPx);
  }
  return size;
}
