/** One tick, one picture: compose, convert, hand over, show. */
import type { CompositorStats, FilterRelief, SceneCollection, SceneId, SourceId } from '../../../src-shared/domain/index.ts';
import type { MediaDemand } from '../../../src-shared/ipc/contract.ts';
import { Samples } from '../../../src-shared/samples.ts';
import { drawTickStrip, TICK_STRIP_BLOCKS, tickStripBlockPx, timeCodeOf } from '../../../src-shared/tick-strip.ts';
import { usToTick } from '../../../src-shared/units.ts';
import type { Backend, Frame } from '../backends/backend.ts';
import type { MediaClock } from '../clock/media-clock.ts';
import { compose, newestCaptureUs } from '../compose.ts';
import type { FilterAssets } from '../filters/filter-assets.ts';
import { FULL_BUDGET, indispensable, isSkipping, nextBudget, reliefsOf } from '../filters/frame-budget.ts';
import { shownScale } from '../filters/shown-scale.ts';
import type { SizePx } from '../layout.ts';
import type { Instant, SourcePicture } from '../sources/source-picture.ts';
import type { SourceSet } from '../sources/source-set.ts';
import { ProgramTransition } from '../transitions/program-transition.ts';
import type { WipeMaps } from '../transitions/wipe-maps.ts';
import type { FrameSender, PictureStamp } from './frame-sender.ts';
import { PreviewPace } from './preview-pace.ts';
import type { Previews } from './previews.ts';

export interface CompositorParts {
  clock: MediaClock;
  backend: Backend;
  /** takes the place of a back end that fails, as when the GPU's driver resets */
  fallback: () => Promise<Backend>;
  sources: SourceSet;
  filterAssets: FilterAssets;
  wipeMaps: WipeMaps;
  sender: FrameSender;
  previews: Previews;
  /** the tick's own number in the place of the time code */
  tickStrip: boolean;
}

export class Compositor {
  readonly #parts: CompositorParts;
  #backend: Backend;
  readonly #transition = new ProgramTransition();
  readonly #previewPace = new PreviewPace();
  readonly #composeMs = new Samples();
  readonly #i420Ms = new Samples();
  #collection: SceneCollection | null = null;
  #demand: MediaDemand | null = null;
  #size: SizePx = { width: 0, height: 0 };
  #busy = false;
  #pending: number | null = null;
  #lastTick: number | null = null;
  /** whether the sender's planes are those of the picture drawn last */
  #planesFresh = false;
  #budget = FULL_BUDGET;
  /** whose filters the preview leaves out, to compare; the program keeps them */
  #bypassed: SourceId | null = null;
  #makeMs = 0;
  #made = 0;
  /** ticks that passed while a picture was being made */
  #missed = 0;
  /** pictures that were not done when the next one was due */
  #late = 0;
  #frames = 0;
  #skipped = 0;

  constructor(parts: CompositorParts) {
    this.#parts = parts;
    this.#backend = parts.backend;
  }

  set collection(collection: SceneCollection) {
    if (this.#collection?.timeCode !== collection.timeCode) this.#planesFresh = false; // the strip is in them
    this.#transition.follow(this.#collection, collection);
    this.#collection = collection;
  }

  set bypassed(sourceId: SourceId | null) {
    this.#bypassed = sourceId;
  }

  set demand(demand: MediaDemand | null) {
    this.#demand = demand;
    this.#lastTick = null;
  }

  /** A tick of the clock worker. While a picture is being made, only the newest tick waits. */
  async onTick(tick: number): Promise<void> {
    this.#pending = tick;
    if (this.#busy) return;
    this.#busy = true;
    try {
      while (this.#pending !== null) {
        const next: number = this.#pending;
        this.#pending = null;
        await this.#make(next).catch((error) => this.#fallBack(error));
      }
    } finally {
      this.#busy = false;
    }
  }

  /** Frames are those since the last call. */
  takeStats(): CompositorStats {
    const [composeP50Ms, composeP95Ms] = this.#composeMs.percentiles(0.5, 0.95);
    const [i420P50Ms, i420P95Ms] = this.#i420Ms.percentiles(0.5, 0.95);
    const [transportP50Ms, transportP95Ms] = this.#parts.sender.transportMs.percentiles(0.5, 0.95);
    const stats: CompositorStats = {
      backend: this.#backend.kind,
      framesPerSecond: this.#frames,
      framesSkipped: this.#skipped,
      composeP50Ms,
      composeP95Ms,
      i420P50Ms,
      i420P95Ms,
      transportP50Ms,
      transportP95Ms,
      filterMs: Object.fromEntries(this.#backend.filterCosts()),
      filterRelief: this.#keepBudget(),
    };
    this.#frames = 0;
    this.#skipped = 0;
    this.#made = 0;
    this.#makeMs = 0;
    this.#missed = 0;
    this.#late = 0;
    return stats;
  }

  /** What the filters give up in the next second, by what the last one took. */
  #keepBudget(): FilterRelief {
    const filterMs = [...this.#backend.filterCosts().values()].reduce((sum, ms) => sum + ms, 0);
    const sample = {
      intervalMs: 1_000 / this.#parts.clock.frameRate,
      // a second in which not one was finished: it is still being made
      pictureMs: this.#made > 0 ? this.#makeMs / this.#made : this.#busy ? Number.POSITIVE_INFINITY : 0,
      filterMs,
      latePct: (100 * (this.#missed + this.#late)) / Math.max(1, this.#made + this.#missed),
    };
    const filters = this.#collection?.sources.flatMap(({ id }) => this.#parts.filterAssets.of(id)) ?? [];
    this.#budget = nextBudget(this.#budget, sample, reliefsOf(filters));
    return this.#budget.relief;
  }

  async #make(tick: number): Promise<void> {
    const collection = this.#collection;
    const { clock, previews } = this.#parts;
    if (!collection) return;
    this.#resize(this.#demand ?? collection.canvas);
    const isAfterGap = this.#countSkipped(tick);
    const startMs = performance.now();
    const captureTimeUs = clock.nowUs();
    const strip = this.#parts.tickStrip ? tick : collection.timeCode ? timeCodeOf(Date.now()) : null;
    const at = { tick, frameRate: clock.frameRate };
    const frame = this.#frameAt(collection, at);
    const changed = this.#backend.draw(frame);
    this.#planesFresh &&= !changed;
    if (changed) previews.changed();
    this.#composeMs.add(performance.now() - startMs);
    const capturedUs = newestCaptureUs(frame);
    const camera = capturedUs === null ? {} : { cameraTimeUs: capturedUs + clock.offsetUs };
    if (this.#demand) await this.#deliver({ tick, captureTimeUs, ...camera }, strip);
    else this.#frames++;
    this.#made++;
    this.#makeMs += performance.now() - startMs;
    const isBehind = usToTick(clock.nowUs(), at.frameRate) > tick;
    if (isBehind) this.#late++;
    if (this.#previewPace.next(isAfterGap || isBehind)) this.#preview(collection, at);
  }

  /** With the program as it is, but for a source whose filters are to be compared with what comes without them. */
  #preview(collection: SceneCollection, at: Instant): void {
    const { previews } = this.#parts;
    if (this.#bypassed !== null && this.#backend.draw(this.#frameAt(collection, at, this.#bypassed))) {
      this.#planesFresh = false;
      previews.changed();
    }
    previews.show(this.#backend);
  }

  /** The program scene, or that and the one it follows. @param bypassed the source that is shown without its filters */
  #frameAt(collection: SceneCollection, at: Instant, bypassed: SourceId | null = null): Frame {
    const { programSceneId } = collection;
    const transition = this.#transition.at(at.tick, at.frameRate);
    const shown = transition ? [programSceneId, transition.fromSceneId] : [programSceneId];
    const pictureOf = (id: SourceId) => {
      const filtered = this.#pictureOf(collection, shown, id, at); // asked for in any case, so that its chain is kept
      return id === bypassed ? (this.#parts.sources.get(id)?.picture(at) ?? null) : filtered;
    };
    const to = compose(collection, programSceneId, this.#size, pictureOf);
    if (!transition) return to;
    const { fromSceneId, mix } = transition;
    const wipeMap = mix.kind === 'wipe' ? this.#parts.wipeMaps.of(mix.wipe, this.#size) : null;
    return { from: compose(collection, fromSceneId, this.#size, pictureOf), to, mix, wipeMap };
  }

  /** A source's picture as its filters leave it. @param shown the scenes that are in the picture */
  #pictureOf(collection: SceneCollection, shown: readonly SceneId[], sourceId: SourceId, at: Instant): SourcePicture | null {
    const { sources, filterAssets } = this.#parts;
    const picture = sources.get(sourceId)?.picture(at) ?? null;
    const { relief } = this.#budget;
    const filters = isSkipping(relief) ? indispensable(filterAssets.of(sourceId)) : filterAssets.of(sourceId);
    if (!picture || filters.length === 0) return picture;
    const size = { width: picture.widthPx, height: picture.heightPx };
    const scale = shownScale(collection, shown, sourceId, filters, size, this.#size);
    return this.#backend.filter({ sourceId, picture, filters, scale: relief === 'none' ? scale : scale / 2, at });
  }

  async #deliver(times: PictureStamp, strip: number | null): Promise<void> {
    const { sender } = this.#parts;
    if (!sender.isReady) {
      this.#skipped++;
      return;
    }
    const startMs = performance.now();
    const { planes } = sender;
    if (!this.#planesFresh) await this.#backend.readI420(planes);
    this.#planesFresh = true;
    if (strip !== null) this.#drawStrip(planes, strip);
    this.#i420Ms.add(performance.now() - startMs);
    sender.send(times);
    this.#frames++;
  }

  /** @throws the error of a back end that has no fallback */
  async #fallBack(error: unknown): Promise<void> {
    if (this.#backend.kind === 'cpu') throw error;
    this.#backend.dispose();
    this.#backend = await this.#parts.fallback();
    this.#planesFresh = false;
    this.#skipped++;
    this.#backend.resize(this.#size.width, this.#size.height);
  }

  #drawStrip(planes: Uint8Array, value: number): void {
    const { width, height } = this.#size;
    drawTickStrip(planes, width, width, value);
    const stripPx = tickStripBlockPx(width);
    for (let plane = 0; plane < 2; plane++)
      for (let row = 0; row < stripPx / 2; row++) {
        const start = width * height + (plane * width * height) / 4 + (row * width) / 2;
        planes.fill(128, start, start + (TICK_STRIP_BLOCKS * stripPx) / 2);
      }
  }

  /** @returns whether ticks were left out before this one */
  #countSkipped(tick: number): boolean {
    const skipped = this.#lastTick === null ? 0 : Math.max(0, tick - this.#lastTick - 1);
    this.#skipped += skipped;
    this.#missed += skipped;
    this.#lastTick = tick;
    return skipped > 0;
  }

  /** Only between two pictures, so that none is read into a buffer of another size. */
  #resize({ widthPx, heightPx }: { widthPx: number; heightPx: number }): void {
    const [width, height] = [even(widthPx), even(heightPx)];
    if (width === this.#size.width && height === this.#size.height) return;
    this.#size = { width, height };
    this.#planesFresh = false;
    this.#backend.resize(width, height);
    this.#parts.sender.resize(width, height);
  }
}

/** I420 halves both sides. */
function even(px: number): number {
  return px - (px % 2);
}
