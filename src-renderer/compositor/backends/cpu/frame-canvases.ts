/** Cameras' frames as canvases that can be scaled and read cheaply: a scaled drawImage of a frame goes through the GPU process. */
import { type SourcePicture, softwareCanvas } from '../../sources/source-picture.ts';

type Drawable = ReturnType<typeof softwareCanvas>;

export class FrameCanvases {
  readonly #frames = new Map<string, Drawable & { revision: number; used: boolean }>();

  /** The picture in its own size, once drawn for all that ask for it. */
  of(sourceId: string, picture: SourcePicture): Exclude<SourcePicture['image'], VideoFrame> {
    if (!(picture.image instanceof VideoFrame)) return picture.image;
    let frame = this.#frames.get(sourceId);
    if (frame?.canvas.width !== picture.widthPx || frame.canvas.height !== picture.heightPx) {
      frame = { ...softwareCanvas(picture.widthPx, picture.heightPx, { alpha: false }), revision: -1, used: true };
      this.#frames.set(sourceId, frame);
    }
    frame.used = true;
    if (frame.revision !== picture.revision) frame.context.drawImage(picture.image, 0, 0);
    frame.revision = picture.revision;
    return frame.canvas;
  }

  /** A picture is done: what it did not need is dropped. */
  forgetUnused(): void {
    for (const [sourceId, frame] of this.#frames) {
      if (!frame.used) this.#frames.delete(sourceId);
      frame.used = false;
    }
  }

  clear(): void {
    this.#frames.clear();
  }
}
