/** Pictures of other sizes and formats. Every rendition that wants the same has the same one: it is made once. */
import { AV_PIX_FMT_YUV420P, type AVPixelFormat, SWS_BICUBIC } from 'node-av/constants';
import { SoftwareScaleContext } from 'node-av/lib';
import { StudioError } from '../../src-shared/errors.ts';
import { allocateFrame, Picture } from './picture.ts';

export interface PictureShape {
  widthPx: number;
  heightPx: number;
  format: AVPixelFormat;
}

/** Renditions that share one run at a different pace, by so many pictures; beyond, a picture is made twice. */
const KEPT_WHILE_SHARED = 3;

export class PictureConverters {
  readonly #from: { widthPx: number; heightPx: number };
  readonly #converters = new Map<string, PictureConverter>();

  constructor(from: { widthPx: number; heightPx: number }) {
    this.#from = from;
  }

  /** @returns null where the picture as it comes will do; else to be released */
  acquire(to: PictureShape): PictureConverter | null {
    const { widthPx, heightPx } = this.#from;
    if (to.widthPx === widthPx && to.heightPx === heightPx && to.format === AV_PIX_FMT_YUV420P) return null;
    const key = `${to.widthPx}x${to.heightPx} ${to.format}`;
    const converter = this.#converters.get(key) ?? new PictureConverter(this.#from, to, () => this.#converters.delete(key));
    this.#converters.set(key, converter);
    return converter.acquire();
  }
}

export class PictureConverter {
  readonly #context = new SoftwareScaleContext();
  readonly #to: PictureShape;
  readonly #onFree: () => void;
  readonly #free: Picture[] = [];
  /** from the oldest to the newest; both sides are held, so that neither is refilled. A repeat is found here, too */
  readonly #made = new Map<Picture, Promise<Picture>>();
  /** FFmpeg's scaler makes one picture at a time */
  #busy: Promise<unknown> = Promise.resolve();
  #users = 0;

  constructor(from: { widthPx: number; heightPx: number }, to: PictureShape, onFree: () => void) {
    this.#to = to;
    this.#onFree = onFree;
    this.#context.getContext(from.widthPx, from.heightPx, AV_PIX_FMT_YUV420P, to.widthPx, to.heightPx, to.format, SWS_BICUBIC);
  }

  acquire(): this {
    this.#users++;
    return this;
  }

  /** Not while one of the caller's conversions runs. */
  release(): void {
    if (--this.#users > 0) return;
    this.#onFree();
    void this.#forget(0).then(() => {
      for (const picture of this.#free.splice(0)) picture.frame.free();
      this.#context.freeContext();
    });
  }

  /** @returns a picture held for the caller. @throws StudioError encoder.crashed */
  async convert(source: Picture): Promise<Picture> {
    let made = this.#made.get(source);
    if (!made) {
      const room = this.#forget(this.#users > 1 ? KEPT_WHILE_SHARED - 1 : 0);
      source.hold();
      made = this.#busy.then(async () => {
        await room;
        return this.#make(source);
      });
      this.#busy = made.catch(() => {});
      this.#made.set(source, made);
    }
    return (await made).hold();
  }

  async #make(source: Picture): Promise<Picture> {
    const { widthPx, heightPx, format } = this.#to;
    const picture = this.#free.pop() ?? new Picture(allocateFrame(widthPx, heightPx, format), (free) => this.#free.push(free));
    picture.hold();
    picture.captureTimeUs = source.captureTimeUs;
    picture.frame.makeWritable();
    const status = await this.#context.scaleFrame(picture.frame, source.frame);
    if (status < 0) throw new StudioError('encoder.crashed', `A picture could not be scaled (${status}).`);
    return picture;
  }

  /** Lets go of all but the newest. */
  async #forget(kept: number): Promise<void> {
    const old = [...this.#made].slice(0, Math.max(0, this.#made.size - kept));
    for (const [source] of old) this.#made.delete(source);
    for (const [source, made] of old) {
      await made.then(
        (picture) => picture.letGo(),
        () => {},
      );
      source.letGo();
    }
  }
}
