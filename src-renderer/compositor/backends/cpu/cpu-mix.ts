/** Two scenes into one picture, by Canvas2D: whole canvases laid over each other, which memory does quickly. */
import { type Drawable, softwareCanvas } from '../../sources/source-picture.ts';
import { wipeAlpha } from '../../transitions/mix.ts';
import type { WipeMap } from '../../transitions/wipe-maps.ts';
import type { Composition, MixedScenes } from '../backend.ts';

export class CpuMix {
  #other: Drawable | null = null;
  #mask: (Drawable & { pixels: ImageData }) | null = null;

  /** @param drawScene draws a whole scene onto a canvas as large as `program` */
  draw(program: Drawable, { from, to, mix, wipeMap }: MixedScenes, drawScene: (onto: Drawable, scene: Composition) => void): void {
    const { width, height } = program.canvas;
    const other = this.#otherOf(width, height);
    const { context } = program;
    switch (mix.kind) {
      case 'fade':
        drawScene(program, from);
        drawScene(other, to);
        context.globalAlpha = mix.amount;
        context.drawImage(other.canvas, 0, 0);
        break;
      case 'through':
        drawScene(program, mix.shown === 'from' ? from : to);
        context.globalAlpha = mix.amount;
        context.fillStyle = mix.colour;
        context.fillRect(0, 0, width, height);
        break;
      case 'slide':
        drawScene(other, from);
        context.drawImage(other.canvas, Math.round(mix.x * width), Math.round(mix.y * height));
        drawScene(other, to);
        context.drawImage(other.canvas, Math.round(mix.toX * width), Math.round(mix.toY * height));
        break;
      case 'wipe':
        drawScene(program, from);
        if (!wipeMap) break;
        drawScene(other, to);
        other.context.globalCompositeOperation = 'destination-in';
        other.context.drawImage(this.#maskOf(wipeMap, mix), 0, 0, width, height);
        other.context.globalCompositeOperation = 'source-over';
        context.drawImage(other.canvas, 0, 0);
        break;
    }
    context.globalAlpha = 1;
  }

  /** Between transitions nothing is kept. */
  rest(): void {
    this.#other = null;
    this.#mask = null;
  }

  #otherOf(width: number, height: number): Drawable {
    if (this.#other?.canvas.width !== width || this.#other.canvas.height !== height) this.#other = softwareCanvas(width, height);
    return this.#other;
  }

  #maskOf(map: WipeMap, mix: { threshold: number; softness: number }): OffscreenCanvas {
    let mask = this.#mask;
    if (mask?.canvas.width !== map.width || mask.canvas.height !== map.height) {
      const made = softwareCanvas(map.width, map.height);
      mask = this.#mask = { ...made, pixels: made.context.createImageData(map.width, map.height) };
    }
    const alphaOf = Uint8Array.from({ length: 256 }, (_, value) => Math.round(wipeAlpha(value / 255, mix) * 255));
    const { data } = mask.pixels;
    for (let at = 0; at < map.values.length; at++) data[at * 4 + 3] = alphaOf[map.values[at] ?? 0] ?? 0;
    mask.context.putImageData(mask.pixels, 0, 0);
    return mask.canvas;
  }
}
