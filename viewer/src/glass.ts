/**
 * Glass-to-glass, in two independent ways: by the times that pictures carry in the stream, with the share of each stage;
 * and by the time code in the picture itself, where the host has switched it on. Both need the clocks' offset.
 */
import { GLASS_STAGES, type GlassStage } from '../../src-shared/domain/glass-stages.ts';
import type { GlassStagesMs } from '../../src-shared/domain/qoe.ts';
import type { PictureTimes } from '../../src-shared/picture-times.ts';
import type { TimeReference } from './latency.ts';
import { type ArrivedPicture, tapMedia } from './media-tap.ts';
import { TimeCodeReader } from './time-code.ts';

export interface GlassFigures {
  /** from the capture to the screen; without a camera, from when the picture was composed. Median of the last seconds */
  glassMs: number;
  from: 'stream' | 'picture';
  /** null: the stream carries no times */
  stagesMs: GlassStagesMs | null;
  /** both from when the picture was composed, so that they can be compared; null: not there */
  byStreamMs: number | null;
  byPictureMs: number | null;
}

/** One picture, as `tidecast-glass` events of the video element tell it to who measures the page from outside. */
export type GlassSample = Pick<GlassFigures, 'byStreamMs' | 'byPictureMs' | 'stagesMs'>;

/** What is known of one picture, in milliseconds of Unix time by the server's clock but where it says otherwise. */
export interface ShownPicture {
  times: PictureTimes;
  /** the server sent it on; null: not known of this one */
  sentMs: number | null;
  arrivedMs: number;
  shownMs: number;
  /** durations of the browser's; null: it does not tell */
  decodeMs: number | null;
  renderMs: number | null;
}

/** pictures and their figures that count for the median */
const RECENT = 60;
const PICTURES_MAX = 2_000;
const REFERENCES_MAX = 64;
/** the browser rounds a picture's time to microseconds, FLV to milliseconds */
const SAME_MS = 2;
/** older figures are of another state of things */
const VALID_MS = 5_000;
const US_PER_MS = 1_000;

/**
 * What each stage took. Stages whose end is not known are part of the next. What a ladder took lies within the stage that ends
 * when the picture leaves the server, or where nobody tells of that, comes here; it is no part of that one.
 */
export function stagesOf({ times, sentMs, arrivedMs, shownMs, decodeMs, renderMs }: ShownPicture): GlassStagesMs {
  const unix = (us: number) => (times.epochUnixUs + us) / US_PER_MS;
  const behindMs = (decodeMs ?? 0) + (renderMs ?? 0);
  const ends: [GlassStage, number | null][] = [
    ['capture', unix(times.composeUs)],
    ['compose', unix(times.encodeInUs)],
    ['encode', unix(times.encodeOutUs)],
    ['publish', unix(times.sendUs)],
    ['server', sentMs],
    ['network', arrivedMs],
    ['buffer', shownMs - behindMs],
    ['decode', decodeMs === null ? null : shownMs - (renderMs ?? 0)],
    ['render', renderMs === null ? null : shownMs],
  ];
  const stages: GlassStagesMs = {};
  let beforeMs = unix(times.captureUs ?? times.composeUs);
  for (const [stage, endMs] of ends) {
    if (endMs === null || (stage === 'capture' && times.captureUs === null)) continue;
    stages[stage] = Math.max(0, endMs - beforeMs);
    beforeMs = endMs;
  }
  if (times.ladderUs !== undefined) takeOut(stages, sentMs === null ? 'network' : 'server', times.ladderUs / US_PER_MS);
  return stages;
}

/** The clocks may have made the stage shorter than what is in it. */
function takeOut(stages: GlassStagesMs, from: GlassStage, ladderMs: number): void {
  stages.ladder = Math.min(ladderMs, stages[from] ?? 0);
  stages[from] = (stages[from] ?? 0) - stages.ladder;
}

interface Recent {
  atMs: number;
  glassMs: number;
  byStreamMs: number | null;
  byPictureMs: number | null;
  stagesMs: GlassStagesMs | null;
}

export class Glass {
  /** what to add to this page's clock to get the server's; null: not known yet */
  clockOffsetMs: number | null = null;
  readonly #video: HTMLVideoElement;
  readonly #timeCode: TimeCodeReader;
  readonly #pictures = new Map<number, ArrivedPicture>();
  #references: TimeReference[] = [];
  #recent: Recent[] = [];
  #seen = false;

  /** @param onLoss a picture that others refer to did not come */
  constructor(video: HTMLVideoElement, onLoss: () => void) {
    this.#video = video;
    this.#timeCode = new TimeCodeReader(video);
    tapMedia((pictures) => this.#arrived(pictures), onLoss);
    if ('requestVideoFrameCallback' in video) this.#watch();
  }

  /** A word of the server on one picture. */
  addReference(reference: TimeReference): void {
    this.#references.push(reference);
    if (this.#references.length > REFERENCES_MAX) this.#references.shift();
  }

  /** Another connection is opened: its media begins anew. */
  reset(): void {
    performance.mark('tidecast-connection');
    this.#seen = false;
    this.#pictures.clear();
    this.#references = [];
    this.#recent = [];
  }

  /** null: the stream has no times and its pictures no code, or nothing was shown lately */
  get figures(): GlassFigures | null {
    const sinceMs = performance.now() - VALID_MS;
    const recent = this.#recent.filter(({ atMs }) => atMs > sinceMs);
    const medianOf = (pick: (one: Recent) => number | null) => median(recent.flatMap((one) => pick(one) ?? []));
    const byStreamMs = medianOf((one) => one.byStreamMs);
    const byPictureMs = medianOf((one) => one.byPictureMs);
    const glassMs = byStreamMs === null ? byPictureMs : medianOf((one) => (one.stagesMs ? one.glassMs : null));
    if (glassMs === null) return null;
    const stagesMs = byStreamMs === null ? null : medianStages(recent.flatMap((one) => one.stagesMs ?? []));
    return { glassMs, from: byStreamMs === null ? 'picture' : 'stream', stagesMs, byStreamMs, byPictureMs };
  }

  #arrived(pictures: readonly ArrivedPicture[]): void {
    for (const picture of pictures) this.#pictures.set(Math.round(picture.ptsS * 1_000), picture);
    for (const key of this.#pictures.keys()) {
      if (this.#pictures.size <= PICTURES_MAX) break;
      this.#pictures.delete(key);
    }
  }

  #watch(): void {
    const video = this.#video;
    const onFrame = (_nowMs: number, metadata: VideoFrameCallbackMetadata) => {
      this.#shown(metadata);
      video.requestVideoFrameCallback(onFrame);
    };
    video.requestVideoFrameCallback(onFrame);
  }

  /** For who measures the page from outside: a mark, and an event like those with the figures. */
  #first(shownMs: number): void {
    this.#seen = true;
    performance.mark('tidecast-first-picture', { startTime: shownMs });
    this.#video.dispatchEvent(new Event('tidecast-first-picture'));
  }

  #shown({ mediaTime, expectedDisplayTime, presentationTime, processingDuration }: VideoFrameCallbackMetadata): void {
    if (!this.#seen) this.#first(expectedDisplayTime);
    if (this.clockOffsetMs === null) return;
    const toServerMs = performance.timeOrigin + this.clockOffsetMs;
    const shownMs = toServerMs + expectedDisplayTime;
    const mediaMs = Math.round(mediaTime * 1_000);
    const picture = nearest((key) => this.#pictures.get(key), mediaMs);
    const byPictureMs = this.#timeCode.ageMs(shownMs);
    if (!picture && byPictureMs === null) return;
    const composedMs = picture ? (picture.times.epochUnixUs + picture.times.composeUs) / US_PER_MS : null;
    const byStreamMs = composedMs === null ? null : shownMs - composedMs;
    const stagesMs = picture
      ? stagesOf({
          times: picture.times,
          sentMs: this.#references.find(({ timestampMs }) => Math.abs(timestampMs - mediaMs) <= SAME_MS)?.sentTimeMs ?? null,
          arrivedMs: toServerMs + picture.arrivedMs,
          shownMs,
          decodeMs: processingDuration === undefined ? null : processingDuration * 1_000,
          renderMs: Math.max(0, expectedDisplayTime - presentationTime),
        })
      : null;
    const captureMs = picture ? (picture.times.composeUs - (picture.times.captureUs ?? picture.times.composeUs)) / US_PER_MS : 0;
    this.#recent.push({
      atMs: performance.now(),
      glassMs: (byStreamMs ?? byPictureMs ?? 0) + captureMs,
      byStreamMs,
      byPictureMs,
      stagesMs,
    });
    if (this.#recent.length > RECENT) this.#recent.shift();
    this.#video.dispatchEvent(new CustomEvent<GlassSample>('tidecast-glass', { detail: { byStreamMs, byPictureMs, stagesMs } }));
  }
}

function nearest<T>(get: (key: number) => T | undefined, key: number): T | undefined {
  for (const delta of [0, 1, -1, 2, -2]) {
    const found = get(key + delta);
    if (found !== undefined) return found;
  }
  return undefined;
}

function median(values: number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? null;
}

/**
 * Server and network are apart only for the pictures that the server told of; once such are among them, the others say
 * nothing of either.
 */
function medianStages(all: readonly GlassStagesMs[]): GlassStagesMs {
  const told = all.filter(({ server }) => server !== undefined);
  const of = (stage: GlassStage) => median((stage === 'network' && told.length > 0 ? told : all).flatMap((one) => one[stage] ?? []));
  const stages: GlassStagesMs = {};
  for (const stage of GLASS_STAGES) {
    const valueMs = of(stage);
    if (valueMs !== null) stages[stage] = valueMs;
  }
  return stages;
}
