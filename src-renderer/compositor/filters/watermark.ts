/**
 * Watermark: a picture laid over the source's, at a corner or in the middle, so wide as `size` says of the source's
 * width, with its own alpha times `opacity` (o):
 *
 *   c' = o w + (1 - o w_α) c          premultiplied
 */
import type { FilterOf } from '../../../src-shared/domain/index.ts';
import type { RectPx, SizePx } from '../layout.ts';
import { softwareCanvas } from '../sources/source-picture.ts';
import type { AreaKind, CpuRun, FilterContext, GlRun } from './filter-kind.ts';

type Watermark = FilterOf<'watermark'>;

const GLSL = `#version 300 es
precision highp float;
uniform sampler2D picture;
uniform sampler2D mark;
uniform ivec2 corner;
uniform float opacity;
out vec4 colour;
void main() {
  ivec2 p = ivec2(gl_FragCoord.xy);
  ivec2 q = p - corner;
  ivec2 size = textureSize(mark, 0);
  bool isInside = q.x >= 0 && q.y >= 0 && q.x < size.x && q.y < size.y;
  vec4 w = isInside ? texelFetch(mark, q, 0) * opacity : vec4(0.0);
  colour = w + (1.0 - w.a) * texelFetch(picture, p, 0);
}`;

export const watermark: AreaKind<Watermark> = {
  shape: 'area',
  cpu(run, filter) {
    const rect = rectOf(filter, run.size, pictureOf(run));
    const mark = run.keep(keyOf(run, filter), () => kernelMark(run, rect));
    const stride = run.size.width * 4;
    const opacity = Math.round((filter.opacityPct / 100) * 256);
    run.kernels.over(run.pixels + rect.y * stride + rect.x * 4, stride, mark.address, rect.width, rect.height, opacity);
  },
  gl(run, input, filter) {
    const rect = rectOf(filter, run.size, pictureOf(run));
    const mark = run.keep(keyOf(run, filter), () =>
      run.upload({ widthPx: rect.width, heightPx: rect.height, channels: 4, data: premultiplied(drawn(pictureOf(run), rect)) }),
    );
    return run.draw(GLSL, { picture: input, mark }, { corner: [rect.x, rect.y], opacity: filter.opacityPct / 100 });
  },
  changesAlpha: () => false,
};

function pictureOf({ asset }: FilterContext): ImageBitmap {
  if (asset?.kind !== 'picture') throw new Error('a watermark is run without its picture');
  return asset.picture;
}

const keyOf = ({ size }: CpuRun | GlRun, { assetId, place, sizePct, marginPct }: Watermark) =>
  JSON.stringify([size.width, size.height, assetId, place, sizePct, marginPct]);

/** Where it lies, whole within the picture. */
export function rectOf({ place, sizePct, marginPct }: Watermark, size: SizePx, mark: SizePx): RectPx {
  const wanted = Math.min(size.width * (sizePct / 100), (size.height / mark.height) * mark.width);
  const width = Math.max(1, Math.floor(wanted));
  const height = Math.max(1, Math.min(size.height, Math.round((width * mark.height) / mark.width)));
  const [roomX, roomY] = [size.width - width, size.height - height];
  const margin = (marginPct / 100) * Math.min(size.width, size.height);
  const near = (room: number) => Math.round(Math.min(margin, room));
  const far = (room: number) => Math.round(Math.max(0, room - margin));
  return {
    x: place === 'centre' ? Math.round(roomX / 2) : place.endsWith('left') ? near(roomX) : far(roomX),
    y: place === 'centre' ? Math.round(roomY / 2) : place.startsWith('top') ? near(roomY) : far(roomY),
    width,
    height,
  };
}

function drawn(picture: ImageBitmap, { width, height }: SizePx): Uint8ClampedArray {
  const { context } = softwareCanvas(width, height);
  context.imageSmoothingQuality = 'high';
  context.drawImage(picture, 0, 0, width, height);
  return context.getImageData(0, 0, width, height).data;
}

function premultiplied(rgba: Uint8ClampedArray): Uint8Array {
  return Uint8Array.from(rgba, (value, index) => (index % 4 === 3 ? value : Math.round((value * (rgba[index | 3] ?? 255)) / 255)));
}

function kernelMark({ kernels, asset, size, scale }: CpuRun, rect: RectPx): { address: number } & Disposable {
  const bytes = premultiplied(drawn(pictureOf({ asset, size, scale }), rect));
  const address = kernels.place(bytes);
  return { address, [Symbol.dispose]: () => kernels.free(address) };
}
