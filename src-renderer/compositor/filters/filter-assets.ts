/** The files that filters need, loaded once each: pictures of masks and watermarks, colour tables. */
import { type CubeLut, parseCube } from '../../../src-shared/cube-lut.ts';
import { type AssetId, FILTER_TRAITS, type Filter, type Source, type SourceId } from '../../../src-shared/domain/index.ts';
import { StudioError, toFailure } from '../../../src-shared/errors.ts';
import type { SourceContext } from '../sources/source-picture.ts';
import type { ReadyFilter } from './chain.ts';
import type { FilterAsset } from './filter-kind.ts';

const NONE: readonly ReadyFilter[] = [];

export class FilterAssets {
  readonly #context: Pick<SourceContext, 'assetUrl' | 'onFailure'>;
  /** null: it is on its way, or cannot be had */
  readonly #loaded = new Map<string, FilterAsset | null>();
  #ready = new Map<SourceId, readonly ReadyFilter[]>();
  #sources: readonly Source[] = [];

  constructor(context: Pick<SourceContext, 'assetUrl' | 'onFailure'>) {
    this.#context = context;
  }

  /** Begins to load what is new, and drops what no filter wants any more. */
  set(sources: readonly Source[]): void {
    this.#sources = sources;
    const wanted = new Set<string>();
    for (const source of sources)
      for (const filter of source.filters) {
        const assetId = assetOf(filter);
        if (!assetId) continue;
        const key = keyOf(filter, assetId);
        wanted.add(key);
        if (this.#loaded.has(key)) continue;
        this.#loaded.set(key, null);
        void this.#load(source.id, filter, assetId, key);
      }
    for (const [key, asset] of this.#loaded) {
      if (wanted.has(key)) continue;
      if (asset?.kind === 'picture') asset.picture.close();
      this.#loaded.delete(key);
    }
    this.#refresh();
  }

  /** The filters of a source that are in force; the same list while nothing changes. */
  of(sourceId: SourceId): readonly ReadyFilter[] {
    return this.#ready.get(sourceId) ?? NONE;
  }

  #refresh(): void {
    this.#ready = new Map(
      this.#sources.map(({ id, filters }) => [
        id,
        filters.flatMap((filter) => {
          const assetId = assetOf(filter);
          const asset = assetId ? (this.#loaded.get(keyOf(filter, assetId)) ?? null) : null;
          const isReady = filter.enabled && (FILTER_TRAITS[filter.kind].asset === null || asset !== null);
          return isReady ? [{ filter, asset }] : [];
        }),
      ]),
    );
  }

  async #load(sourceId: SourceId, filter: Filter, assetId: AssetId, key: string): Promise<void> {
    try {
      const response = await fetch(this.#context.assetUrl(assetId) ?? '');
      if (!response.ok) throw new Error(`status ${response.status}`);
      const asset = await decode(filter, response);
      if (this.#loaded.has(key)) this.#loaded.set(key, asset);
      else if (asset.kind === 'picture') asset.picture.close();
      this.#refresh();
    } catch (error) {
      const failure =
        error instanceof StudioError
          ? toFailure(error)
          : ({ code: 'asset.unsupported', message: 'The file of a filter cannot be read. Choose another one in the inspector.' } as const);
      this.#context.onFailure(sourceId, failure);
    }
  }
}

async function decode(filter: Filter, response: Response): Promise<FilterAsset> {
  if (FILTER_TRAITS[filter.kind].asset === 'picture') return { kind: 'picture', picture: await createImageBitmap(await response.blob()) };
  const lut: CubeLut = parseCube(await response.text());
  return { kind: 'lut', lut };
}

function assetOf(filter: Filter): AssetId | null {
  return 'assetId' in filter ? filter.assetId : null;
}

/** one file may serve as another thing elsewhere */
const keyOf = (filter: Filter, assetId: AssetId) => `${FILTER_TRAITS[filter.kind].asset} ${assetId}`;
