import type { SourceOf } from '../../../src-shared/domain/index.ts';
import { type PictureSource, type SourceContext, type SourcePicture, stillPicture } from './source-picture.ts';

/** A still from the studio's assets. */
export class AssetPicture implements PictureSource<SourceOf<'picture'>> {
  readonly #context: SourceContext;
  #assetId: string | null = null;
  #picture: SourcePicture | null = null;

  constructor(context: SourceContext) {
    this.#context = context;
  }

  update(source: SourceOf<'picture'>): void {
    if (source.assetId === this.#assetId) return;
    this.#assetId = source.assetId;
    void this.#load(source);
  }

  picture(): SourcePicture | null {
    return this.#picture;
  }

  dispose(): void {
    this.#assetId = null;
    this.#picture = null;
  }

  async #load({ id, assetId, name }: SourceOf<'picture'>): Promise<void> {
    try {
      const response = await fetch(this.#context.assetUrl(assetId) ?? '');
      if (!response.ok) throw new Error(`status ${response.status}`);
      const bitmap = await createImageBitmap(await response.blob());
      if (assetId !== this.#assetId) return bitmap.close();
      this.#picture = stillPicture(bitmap);
      this.#context.onSize(id, { width: bitmap.width, height: bitmap.height });
    } catch {
      if (assetId !== this.#assetId) return;
      this.#context.onFailure(id, {
        code: 'asset.unsupported',
        message: `The picture of "${name}" cannot be shown. Choose another PNG, JPEG, WebP or GIF file.`,
      });
    }
  }
}
