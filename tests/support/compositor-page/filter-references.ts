/** What each filter must do, written once more and plainly, in floating point: RGBA of 0..255 in, premultiplied nowhere. */
import type { FilterKind, FilterOf } from '../../../src-shared/domain/index.ts';

export interface Picture {
  widthPx: number;
  heightPx: number;
  /** red, green, blue, alpha */
  rgba: Float64Array;
}

type Rgba = [red: number, green: number, blue: number, alpha: number];
const clamp = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value));

export function picture(widthPx: number, heightPx: number, pixel: (x: number, y: number) => Rgba): Picture {
  const rgba = new Float64Array(widthPx * heightPx * 4);
  for (let y = 0; y < heightPx; y++) for (let x = 0; x < widthPx; x++) rgba.set(pixel(x, y), (y * widthPx + x) * 4);
  return { widthPx, heightPx, rgba };
}

export function at({ widthPx, heightPx, rgba }: Picture, x: number, y: number): Rgba {
  const index = (clamp(y, 0, heightPx - 1) * widthPx + clamp(x, 0, widthPx - 1)) * 4;
  return [...rgba.subarray(index, index + 4)] as Rgba;
}

const each = (from: Picture, change: (pixel: Rgba, x: number, y: number) => Rgba): Picture =>
  picture(from.widthPx, from.heightPx, (x, y) => change(at(from, x, y), x, y).map((value) => clamp(value, 0, 255)) as Rgba);

const luma = ([red, green, blue]: readonly number[]) => 0.2126 * (red ?? 0) + 0.7152 * (green ?? 0) + 0.0722 * (blue ?? 0);
const toYcc = (rgb: readonly number[]) => [luma(rgb), ((rgb[2] ?? 0) - luma(rgb)) / 1.8556, ((rgb[0] ?? 0) - luma(rgb)) / 1.5748] as const;
const toRgb = (y: number, cb: number, cr: number) => [
  y + 1.5748 * cr,
  (y - 0.2126 * (y + 1.5748 * cr) - 0.0722 * (y + 1.8556 * cb)) / 0.7152,
  y + 1.8556 * cb,
];
const levels = (hex: string) => [1, 3, 5].map((start) => Number.parseInt(hex.slice(start, start + 2), 16));

export const references = {
  colour: (from: Picture, f: FilterOf<'colour'>) =>
    each(from, ([red, green, blue, alpha]) => {
      const factor = (pct: number) => (pct < 0 ? 1 + pct / 100 : 1 + pct / 50);
      const warm = [1 + f.temperaturePct / 400, 1, 1 - f.temperaturePct / 400];
      const adapted = [red, green, blue].map((value, index) => (value * (warm[index] ?? 1)) / luma(warm));
      const linear = adapted.map((value) => (value - 127.5) * factor(f.contrastPct) + 127.5 + 1.275 * f.brightnessPct);
      const [y, cb, cr] = toYcc(linear);
      const [s, turn] = [factor(f.saturationPct), (f.hueDeg / 180) * Math.PI];
      const turned = toRgb(y, s * (cb * Math.cos(turn) - cr * Math.sin(turn)), s * (cb * Math.sin(turn) + cr * Math.cos(turn)));
      const out = turned.map((value) => 255 * (clamp(value, 0, 255) / 255) ** (1 / f.gamma));
      return [...out, (alpha * f.opacityPct) / 100] as Rgba;
    }),
  chromaKey: (from: Picture, f: FilterOf<'chromaKey'>) =>
    each(from, ([red, green, blue, alpha]) => {
      const [y, cb, cr] = toYcc([red, green, blue]);
      const [, kb, kr] = toYcc(levels(f.colour));
      const distance = Math.hypot(cb - kb, cr - kr) / 255;
      const length = Math.hypot(kb, kr);
      const along = (cb * kb + cr * kr) / length;
      const aside = Math.abs(cb * kr - cr * kb) / length;
      const taken = (f.spillPct / 100) * Math.max(0, along - aside);
      const rgb = toRgb(y, cb - (taken * kb) / length, cr - (taken * kr) / length);
      return [...rgb, alpha * clamp((distance - f.similarityPct / 100) / (f.smoothnessPct / 100), 0, 1)] as Rgba;
    }),
  lumaKey: (from: Picture, f: FilterOf<'lumaKey'>) =>
    each(from, ([red, green, blue, alpha]) => {
      const y = luma([red, green, blue]) / 2.55;
      const outside = Math.max(0, f.minPct - y, y - f.maxPct);
      return [red, green, blue, alpha * clamp(1 - outside / f.smoothnessPct, 0, 1)];
    }),
  colourKey: (from: Picture, f: FilterOf<'colourKey'>) =>
    each(from, ([red, green, blue, alpha]) => {
      const [kr = 0, kg = 0, kb = 0] = levels(f.colour);
      const distance = Math.hypot(red - kr, green - kg, blue - kb) / Math.sqrt(3) / 2.55;
      return [red, green, blue, alpha * clamp((distance - f.similarityPct) / f.smoothnessPct, 0, 1)];
    }),
  blur: (from: Picture, f: FilterOf<'blur'>) => gaussian(from, f.sigmaPx),
  sharpen(from: Picture, f: FilterOf<'sharpen'>) {
    const soft = gaussian(from, f.sigmaPx);
    return each(from, ([red, green, blue, alpha], x, y) => {
      const more = (clamp(luma([red, green, blue]) - luma(at(soft, x, y)), -127.5, 127.5) * f.amountPct) / 100;
      return [red + more, green + more, blue + more, alpha];
    });
  },
  denoise(from: Picture, f: FilterOf<'denoise'>) {
    const threshold = Math.round(1 + f.strengthPct / 5);
    const once = (before: Picture) =>
      each(before, (own, x, y) => {
        if (x === 0 || x === before.widthPx - 1) return own;
        return own.map((value, channel) => {
          let sum = 0;
          for (const [dx, dy] of [
            [-1, -1],
            [0, -1],
            [1, -1],
            [-1, 0],
            [1, 0],
            [-1, 1],
            [0, 1],
            [1, 1],
          ] as const)
            sum += influence((at(before, x + dx, y + dy)[channel] ?? 0) - value, threshold);
          return value + sum / 8;
        }) as Rgba;
      });
    return once(once(from));
  },
  crop: (from: Picture, f: FilterOf<'crop'>) =>
    picture(from.widthPx - f.leftPx - f.rightPx, from.heightPx - f.topPx - f.bottomPx, (x, y) => at(from, x + f.leftPx, y + f.topPx)),
} satisfies { [K in FilterKind]?: (from: Picture, filter: FilterOf<K>) => Picture };

const influence = (d: number, threshold: number) => Math.sign(d) * Math.max(0, Math.min(Math.abs(d), 2 * threshold - Math.abs(d)));

/** The pictures of a moving camera one after the other; the last result. */
export function temporalReference(pictures: readonly Picture[], f: FilterOf<'temporalDenoise'>): Picture {
  const twice = 2 * (4 + f.strengthPct / 10);
  const weight = Math.round(f.strengthPct * 2.3) / 256;
  return pictures.reduce((before, now) =>
    each(now, (own, x, y) => {
      const differences = at(before, x, y).map((value, channel) => value - (own[channel] ?? 0));
      const most = Math.max(0, twice - Math.max(...differences.map(Math.abs)));
      return own.map((value, channel) => {
        const d = differences[channel] ?? 0;
        return value + Math.sign(d) * Math.floor(Math.min(Math.abs(d), most) * weight);
      }) as Rgba;
    }),
  );
}

function gaussian(from: Picture, sigma: number): Picture {
  const radius = Math.ceil(sigma * 4);
  const taps = Array.from({ length: 2 * radius + 1 }, (_, index) => Math.exp(-((index - radius) ** 2) / (2 * sigma ** 2)));
  const total = taps.reduce((sum, tap) => sum + tap, 0);
  const along = ({ widthPx, heightPx, rgba }: Picture, dx: number, dy: number): Picture => {
    const out = new Float64Array(rgba.length);
    for (let y = 0; y < heightPx; y++)
      for (let x = 0; x < widthPx; x++)
        for (const [index, tap] of taps.entries()) {
          const column = clamp(x + (index - radius) * dx, 0, widthPx - 1);
          const pixel = (clamp(y + (index - radius) * dy, 0, heightPx - 1) * widthPx + column) * 4;
          for (let channel = 0; channel < 4; channel++)
            out[(y * widthPx + x) * 4 + channel] =
              (out[(y * widthPx + x) * 4 + channel] ?? 0) + ((rgba[pixel + channel] ?? 0) * tap) / total;
        }
    return { widthPx, heightPx, rgba: out };
  };
  return along(along(from, 1, 0), 0, 1);
}

/** As it is shown over magenta. */
export function overMagenta(from: Picture): Picture {
  return each(from, ([red, green, blue, alpha]) => {
    const a = alpha / 255;
    return [red * a + 255 * (1 - a), green * a, blue * a + 255 * (1 - a), 255];
  });
}

/** Peak signal to noise of the colours, in dB; 99 when they are the same. */
export function psnr(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return 0;
  let sum = 0;
  for (let index = 0; index < a.length; index++) if (index % 4 !== 3) sum += ((a[index] ?? 0) - (b[index] ?? 0)) ** 2;
  const mean = sum / ((a.length * 3) / 4);
  return mean === 0 ? 99 : Math.min(99, 10 * Math.log10(255 ** 2 / mean));
}
