import type { SourceOf } from '../../../src-shared/domain/index.ts';
import { tickToUs } from '../../../src-shared/units.ts';
import { isPulse } from '../pulse.ts';
import {
  type Instant,
  type PictureSource,
  type SourceContext,
  type SourcePicture,
  softwareCanvas,
  stillPicture,
} from './source-picture.ts';

/** Black, and white for the length of a pulse at the beginning of each period. The beep is in audio/worklets.ts. */
export class AvTestPicture implements PictureSource<SourceOf<'avTest'>> {
  readonly #dark: SourcePicture;
  readonly #flash: SourcePicture;
  readonly #context: SourceContext;
  #periodMs = 2_000;

  constructor(context: SourceContext) {
    this.#context = context;
    this.#dark = plain(context, '#000000', '#555555');
    this.#flash = plain(context, '#ffffff', '#aaaaaa');
  }

  update({ id, periodMs }: SourceOf<'avTest'>): void {
    this.#periodMs = periodMs;
    this.#context.onSize(id, this.#context.canvas);
  }

  picture({ tick, frameRate }: Instant): SourcePicture {
    return isPulse(tickToUs(tick, frameRate), this.#periodMs) ? this.#flash : this.#dark;
  }

  dispose(): void {}
}

function plain({ canvas: { width, height } }: SourceContext, colour: string, ink: string): SourcePicture {
  const { canvas, context } = softwareCanvas(width, height);
  context.fillStyle = colour;
  context.fillRect(0, 0, width, height);
  context.fillStyle = ink;
  context.font = `600 ${height / 16}px sans-serif`;
  context.textAlign = 'center';
  context.fillText('A/V sync', width / 2, height * 0.9);
  return stillPicture(canvas);
}
