import type { SourceOf } from '../../../src-shared/domain/index.ts';
import { type PictureSource, type SourceContext, type SourcePicture, softwareCanvas, stillPicture } from './source-picture.ts';

const LINE_HEIGHT = 1.25;
const PADDING = 0.2;
const SIZE_PX_MAX = 8_192;

/** Lines of text, in a picture just as large as they need. */
export class TextPicture implements PictureSource<SourceOf<'text'>> {
  readonly #context: SourceContext;
  #key = '';
  #picture: SourcePicture | null = null;

  constructor(context: SourceContext) {
    this.#context = context;
  }

  update(source: SourceOf<'text'>): void {
    const key = JSON.stringify(source);
    if (key === this.#key) return;
    this.#key = key;
    this.#picture = stillPicture(drawText(source));
    this.#context.onSize(source.id, { width: this.#picture.widthPx, height: this.#picture.heightPx });
  }

  picture(): SourcePicture | null {
    return this.#picture;
  }

  dispose(): void {
    this.#picture = null;
  }
}

function drawText({ text, fontFamily, fontSizePx, fontWeight, colour, background, align }: SourceOf<'text'>): OffscreenCanvas {
  const lines = text.split('\n');
  const font = `${fontWeight} ${fontSizePx}px ${fontFamily === 'system-ui' ? fontFamily : JSON.stringify(fontFamily)}, sans-serif`;
  const measure = softwareCanvas(1, 1).context;
  measure.font = font;
  const textWidth = Math.max(1, ...lines.map((line) => measure.measureText(line).width));
  const padding = fontSizePx * PADDING;
  const lineHeight = fontSizePx * LINE_HEIGHT;
  const width = Math.min(SIZE_PX_MAX, Math.ceil(textWidth + 2 * padding));
  const height = Math.min(SIZE_PX_MAX, Math.ceil(lines.length * lineHeight + 2 * padding));
  const { canvas, context } = softwareCanvas(width, height);
  context.fillStyle = background;
  context.fillRect(0, 0, width, height);
  context.font = font;
  context.fillStyle = colour;
  context.textAlign = align;
  context.textBaseline = 'middle';
  const x = align === 'left' ? padding : align === 'center' ? width / 2 : width - padding;
  lines.forEach((line, index) => context.fillText(line, x, padding + (index + 0.5) * lineHeight));
  return canvas;
}
