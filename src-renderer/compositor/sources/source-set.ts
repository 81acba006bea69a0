/** The sources of a collection, opened, changed and closed by difference. */
import type { Source, SourceId } from '../../../src-shared/domain/index.ts';
import { AvTestPicture } from './av-test.ts';
import { ColourPicture } from './colour.ts';
import { AssetPicture } from './picture.ts';
import type { PictureSource, SourceContext } from './source-picture.ts';
import { TestCardPicture } from './test-card.ts';
import { TextPicture } from './text.ts';
import { TrackPicture } from './track.ts';

function create(kind: Source['kind'], context: SourceContext): PictureSource<never> {
  switch (kind) {
    case 'camera':
    case 'screen':
      return new TrackPicture(context);
    case 'picture':
      return new AssetPicture(context);
    case 'text':
      return new TextPicture(context);
    case 'colour':
      return new ColourPicture(context);
    case 'testCard':
      return new TestCardPicture(context);
    case 'avTest':
      return new AvTestPicture(context);
    default:
      return kind satisfies never;
  }
}

export class SourceSet {
  readonly #open = new Map<SourceId, { kind: Source['kind']; canvas: string; source: PictureSource<never> }>();

  /** @param context whose canvas size generated pictures take: they are made anew when it changes */
  set(sources: readonly Source[], context: SourceContext): void {
    const canvas = `${context.canvas.width}x${context.canvas.height}`;
    const kept = new Set(sources.map(({ id }) => id));
    for (const id of this.#open.keys()) if (!kept.has(id)) this.#close(id);
    for (const source of sources) {
      const open = this.#open.get(source.id);
      const generated = source.kind !== 'camera' && source.kind !== 'screen';
      if (open && (open.kind !== source.kind || (generated && open.canvas !== canvas))) this.#close(source.id);
      const entry = this.#open.get(source.id) ?? { kind: source.kind, canvas, source: create(source.kind, context) };
      this.#open.set(source.id, entry);
      entry.source.update(source as never);
    }
  }

  get(id: SourceId): PictureSource<never> | undefined {
    return this.#open.get(id)?.source;
  }

  setFrames(id: SourceId, frames: ReadableStream<VideoFrame> | null): void {
    const source = this.get(id);
    if (source instanceof TrackPicture) source.setFrames(frames);
    else void frames?.cancel();
  }

  dispose(): void {
    for (const id of [...this.#open.keys()]) this.#close(id);
  }

  #close(id: SourceId): void {
    this.#open.get(id)?.source.dispose();
    this.#open.delete(id);
  }
}
