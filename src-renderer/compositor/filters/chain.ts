/** A source's filters as the steps of both back ends. Pure. */
import { type Filter, filteredSize } from '../../../src-shared/domain/index.ts';
import type { SizePx } from '../layout.ts';
import { type Instant, nextRevision, type SourcePicture } from '../sources/source-picture.ts';
import type { AreaKind, FilterAsset, FilterContext, PointKind } from './filter-kind.ts';
import { kindOf } from './kinds.ts';

/** What a back end is asked for: a source's picture as its filters leave it. */
export interface FilterRequest {
  sourceId: string;
  picture: SourcePicture;
  /** those that are in force: enabled, and none without its asset */
  filters: readonly ReadyFilter[];
  /** pixels to work on for one of the picture's, 1 at most */
  scale: number;
  at: Instant;
}

export interface ReadyFilter {
  filter: Filter;
  asset: FilterAsset | null;
}

export type Step =
  | { shape: 'points'; points: { filter: Filter; kind: PointKind<Filter>; context: FilterContext }[] }
  | { shape: 'area'; filter: Filter; kind: AreaKind<Filter>; context: FilterContext };

/** @param size of the picture that is worked on */
export function stepsOf(filters: readonly ReadyFilter[], size: SizePx, scale: number): Step[] {
  const steps: Step[] = [];
  let now = size;
  for (const { filter, asset } of filters) {
    const kind = kindOf(filter);
    const context = { size: now, scale, asset };
    if (kind.shape === 'area') {
      steps.push({ shape: 'area', filter, kind, context });
      now = kind.size?.(filter, now, scale) ?? now;
      continue;
    }
    const last = steps.at(-1);
    const point = { filter, kind, context };
    if (last?.shape === 'points') last.points.push(point);
    else steps.push({ shape: 'points', points: [point] });
  }
  return steps;
}

/** The size that is worked on; at least one pixel. */
export function workSize({ widthPx, heightPx }: SourcePicture, scale: number): SizePx {
  return { width: Math.max(1, Math.round(widthPx * scale)), height: Math.max(1, Math.round(heightPx * scale)) };
}

/** Whether the picture changes while the source's does not. */
function isLive(filters: readonly ReadyFilter[]): boolean {
  return filters.some(({ filter }) => {
    const kind = kindOf(filter);
    return kind.shape === 'area' && (kind.isLive?.(filter) ?? false);
  });
}

const keys = new WeakMap<readonly ReadyFilter[], string>();

/** Equal for chains that do the same. */
export function chainKey(filters: readonly ReadyFilter[]): string {
  let key = keys.get(filters);
  if (key === undefined) keys.set(filters, (key = JSON.stringify(filters.map(({ filter }) => ({ ...filter, name: undefined })))));
  return key;
}

/** Equal for requests that have the same picture for an answer. */
export function requestKey({ picture, filters, scale, at }: FilterRequest): string {
  return `${picture.revision},${picture.mirrored},${scale},${isLive(filters) ? at.tick : ''},${chainKey(filters)}`;
}

/** What a back end makes of its answer; `mirrored` is done with, so that a watermark can be read. */
export function answerOf({ picture, filters }: FilterRequest): SourcePicture {
  const { width, height } = filteredSize(
    filters.map(({ filter }) => filter),
    { width: picture.widthPx, height: picture.heightPx },
  );
  const moving = picture.moving || isLive(filters);
  return { ...picture, widthPx: width, heightPx: height, revision: nextRevision(), moving, mirrored: false };
}
