import type { SourceOf } from '../../../src-shared/domain/index.ts';
import { tickStripBits, tickStripBlockPx } from '../../../src-shared/tick-strip.ts';
import {
  type Instant,
  nextRevision,
  type PictureSource,
  type SourceContext,
  type SourcePicture,
  softwareCanvas,
} from './source-picture.ts';

/** 75 % bars in the order of SMPTE EG 1, each in sRGB. */
const BARS = ['#bfbfbf', '#bfbf00', '#00bfbf', '#00bf00', '#bf00bf', '#bf0000', '#0000bf'];
const GREYS = 11;

/** Bars, a grey staircase, a running clock of engine time and a sweeping hand; on demand the tick strip along the top. */
export class TestCardPicture implements PictureSource<SourceOf<'testCard'>> {
  readonly #size: { width: number; height: number };
  readonly #canvas: OffscreenCanvas;
  readonly #draw: OffscreenCanvasRenderingContext2D;
  readonly #context: SourceContext;
  #tickStrip = false;
  #tick = -1;
  #revision = 0;

  constructor(context: SourceContext) {
    this.#context = context;
    this.#size = context.canvas;
    ({ canvas: this.#canvas, context: this.#draw } = softwareCanvas(this.#size.width, this.#size.height, { alpha: false }));
  }

  update({ id, tickStrip }: SourceOf<'testCard'>): void {
    this.#tickStrip = tickStrip;
    this.#drawStill();
    this.#context.onSize(id, this.#size);
  }

  picture(at: Instant): SourcePicture {
    if (at.tick !== this.#tick) {
      this.#tick = at.tick;
      this.#revision = nextRevision();
      this.#drawClock(at);
      if (this.#tickStrip) this.#drawStrip(at.tick);
    }
    return {
      image: this.#canvas,
      widthPx: this.#size.width,
      heightPx: this.#size.height,
      revision: this.#revision,
      moving: true,
      mirrored: false,
    };
  }

  dispose(): void {}

  #drawStill(): void {
    const { width, height } = this.#size;
    const draw = this.#draw;
    draw.fillStyle = '#101010';
    draw.fillRect(0, 0, width, height);
    BARS.forEach((colour, index) => this.#column(colour, index, BARS.length, 0, height * 0.62));
    for (let grey = 0; grey < GREYS; grey++) {
      const level = Math.round((grey * 255) / (GREYS - 1));
      this.#column(`rgb(${level}, ${level}, ${level})`, grey, GREYS, height * 0.62, height * 0.1);
    }
    this.#tick = -1;
  }

  #column(colour: string, index: number, of: number, top: number, height: number): void {
    const left = Math.round((index * this.#size.width) / of);
    const right = Math.round(((index + 1) * this.#size.width) / of);
    this.#draw.fillStyle = colour;
    this.#draw.fillRect(left, Math.round(top), right - left, Math.round(top + height) - Math.round(top));
  }

  #drawClock({ tick, frameRate }: Instant): void {
    const { width, height } = this.#size;
    const draw = this.#draw;
    const top = Math.round(height * 0.72);
    draw.fillStyle = '#101010';
    draw.fillRect(0, top, width, height - top);
    draw.fillStyle = '#ffffff';
    draw.textAlign = 'center';
    draw.textBaseline = 'middle';
    draw.font = `600 ${Math.round(height * 0.14)}px ui-monospace, monospace`;
    draw.fillText(timecode(tick, frameRate), width / 2, top + (height - top) * 0.42);
    // A mark that crosses the card once a second shows a stutter at a glance.
    const phase = (tick % frameRate) / frameRate;
    draw.fillRect(Math.round(phase * width), height * 0.94, Math.ceil(width / frameRate), height * 0.03);
  }

  #drawStrip(tick: number): void {
    const blockPx = tickStripBlockPx(this.#size.width);
    tickStripBits(tick).forEach((bit, block) => {
      this.#draw.fillStyle = bit ? '#ffffff' : '#000000';
      this.#draw.fillRect(block * blockPx, 0, blockPx, blockPx);
    });
  }
}

/** hours:minutes:seconds:frames of engine time. */
export function timecode(tick: number, frameRate: number): string {
  const seconds = Math.floor(tick / frameRate);
  const frames = Math.floor(tick - seconds * frameRate);
  const parts = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60, frames];
  return parts.map((part) => String(part).padStart(2, '0')).join(':');
}
