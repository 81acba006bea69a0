import type { SourceOf } from '../../../src-shared/domain/index.ts';
import { type PictureSource, type SourceContext, type SourcePicture, softwareCanvas, stillPicture } from './source-picture.ts';

/** One colour, in the canvas's size. */
export class ColourPicture implements PictureSource<SourceOf<'colour'>> {
  readonly #context: SourceContext;
  #colour: string | null = null;
  #picture: SourcePicture | null = null;

  constructor(context: SourceContext) {
    this.#context = context;
  }

  update({ id, colour }: SourceOf<'colour'>): void {
    if (colour === this.#colour) return;
    this.#colour = colour;
    const size = this.#context.canvas;
    const { canvas, context } = softwareCanvas(size.width, size.height);
    context.fillStyle = colour;
    context.fillRect(0, 0, size.width, size.height);
    this.#picture = stillPicture(canvas);
    this.#context.onSize(id, size);
  }

  picture(): SourcePicture | null {
    return this.#picture;
  }

  dispose(): void {
    this.#picture = null;
  }
}
