import type { SourceOf } from '../../../src-shared/domain/index.ts';
import { localUs } from '../clock/media-clock.ts';
import { capturedUs } from './captured.ts';
import {
  nextRevision,
  type PictureSource,
  type SourceContext,
  type SourcePicture,
  softwareCanvas,
  stillPicture,
} from './source-picture.ts';

/** A camera or a screen: the frames of a track that the page captures. Without frames it shows a placeholder. */
export class TrackPicture implements PictureSource<SourceOf<'camera'> | SourceOf<'screen'>> {
  readonly #context: SourceContext;
  #source: SourceOf<'camera'> | SourceOf<'screen'> | null = null;
  #reader: ReadableStreamDefaultReader<VideoFrame> | null = null;
  #frame: VideoFrame | null = null;
  #picture: SourcePicture | null = null;
  #size = '';

  constructor(context: SourceContext) {
    this.#context = context;
  }

  update(source: SourceOf<'camera'> | SourceOf<'screen'>): void {
    this.#source = source;
    if (this.#picture && this.#frame) this.#picture.mirrored = this.#mirrored;
  }

  /** @param frames null when the device is gone: its place is kept by a quiet card with the source's name */
  setFrames(frames: ReadableStream<VideoFrame> | null): void {
    this.#stop();
    if (!frames) {
      this.#picture = placeholder(this.#context.canvas, this.#source?.name ?? '');
      return;
    }
    const reader = frames.getReader();
    this.#reader = reader;
    void this.#read(reader);
  }

  picture(): SourcePicture | null {
    return this.#picture;
  }

  dispose(): void {
    this.#stop();
    this.#picture = null;
  }

  get #mirrored(): boolean {
    return this.#source?.kind === 'camera' && this.#source.mirrored;
  }

  async #read(reader: ReadableStreamDefaultReader<VideoFrame>): Promise<void> {
    for (;;) {
      const { value: frame, done } = await reader.read().catch(() => ({ value: undefined, done: true }));
      if (done || !frame) return;
      if (reader !== this.#reader) return frame.close();
      this.#take(frame);
    }
  }

  #take(frame: VideoFrame): void {
    this.#frame?.close();
    this.#frame = frame;
    const { displayWidth: widthPx, displayHeight: heightPx } = frame;
    this.#picture = {
      image: frame,
      widthPx,
      heightPx,
      revision: nextRevision(),
      moving: true,
      mirrored: this.#mirrored,
      capturedUs: capturedUs(frame, localUs()),
    };
    if (this.#size === `${widthPx}x${heightPx}` || !this.#source) return;
    this.#size = `${widthPx}x${heightPx}`;
    this.#context.onSize(this.#source.id, { width: widthPx, height: heightPx });
  }

  #stop(): void {
    const reader = this.#reader;
    this.#reader = null;
    void reader?.cancel().catch(() => {});
    this.#frame?.close();
    this.#frame = null;
    this.#picture = null;
    this.#size = '';
  }
}

function placeholder({ width, height }: SourceContext['canvas'], name: string): SourcePicture {
  const { canvas, context } = softwareCanvas(width, height);
  context.fillStyle = '#20242c';
  context.fillRect(0, 0, width, height);
  context.fillStyle = '#8b93a1';
  context.font = `600 ${Math.round(height / 14)}px system-ui, sans-serif`;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  context.fillText(name, width / 2, height / 2, width * 0.9);
  return stillPicture(canvas);
}
