/** `npm run bench:latency`: from the picture in the studio to the picture on a viewer's screen. See docs/latency.md. */
import { GLASS_STAGES } from '../../src-shared/domain/index.ts';
import { type BenchCase, type BenchRow, formatTable, type Measurement, runBench } from './harness.ts';
import { LatencyShow } from './latency-show.ts';
import { LATENCY_BOUNDS } from './latency-verdicts.ts';
import { type Watched, type WatchPlan, watchPage, watchRtmp } from './latency-viewers.ts';
import { judgedTable, withinBounds } from './verdicts.ts';

const PLAN: WatchPlan = { settleMs: 5_000, windowMs: 20_000, starts: 7 };
const QUICK: WatchPlan = { settleMs: 4_000, windowMs: 6_000, starts: 3 };
/** too few to speak of a 95th percentile */
const SAMPLES_MIN = 40;

function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** The time code counts; the times in the stream are the second way. */
function measurements({ samples, firstFrameMs, visitMs, studioMs }: Watched): Measurement[] {
  const picture = samples.flatMap(({ byPictureMs }) => byPictureMs ?? []);
  const both = samples.flatMap(({ byPictureMs, byStreamMs }) =>
    byPictureMs === null || byStreamMs === null ? [] : Math.abs(byPictureMs - byStreamMs),
  );
  if (both.length < SAMPLES_MIN)
    throw new Error(`Of ${samples.length} pictures ${picture.length} had a time code and ${both.length} both: too few.`);
  const stream = samples.flatMap(({ byStreamMs }) => byStreamMs ?? []);
  return [
    { metric: 'glassP50Ms', value: percentile(picture, 0.5), unit: 'ms' },
    { metric: 'glassP95Ms', value: percentile(picture, 0.95), unit: 'ms' },
    { metric: 'streamP50Ms', value: percentile(stream, 0.5), unit: 'ms' },
    { metric: 'apartMs', value: percentile(both, 0.95), unit: 'ms' },
    { metric: 'firstFrameP50Ms', value: percentile(firstFrameMs, 0.5), unit: 'ms' },
    ...(visitMs ? [{ metric: 'visitP50Ms', value: percentile(visitMs, 0.5), unit: 'ms' }] : []),
    ...(typeof studioMs === 'number' ? [{ metric: 'studioMs', value: studioMs, unit: 'ms' }] : []),
    ...stages(samples),
  ];
}

/** Where the time goes, by the page's own account; medians. */
function stages(samples: Watched['samples']): Measurement[] {
  return GLASS_STAGES.flatMap((stage) => {
    const values = samples.flatMap(({ stagesMs }) => stagesMs?.[stage] ?? []);
    return values.length > 0 ? [{ metric: `${stage}Ms`, value: percentile(values, 0.5), unit: 'ms' }] : [];
  });
}

function latencyCase(name: string, watch: (show: LatencyShow, plan: WatchPlan) => Promise<Watched>): BenchCase {
  return {
    name,
    async run({ quick }) {
      await using show = await LatencyShow.start();
      return measurements(await watch(show, quick ? QUICK : PLAN));
    },
  };
}

const judged = (rows: BenchRow[]) => withinBounds(rows, LATENCY_BOUNDS);

const { rows } = await runBench({
  name: 'latency',
  cases: [
    latencyCase('flv', (show, plan) => watchPage(show.viewerUrl, '.flv', plan, () => show.glassMs())),
    latencyCase('ll-hls', (show, plan) => watchPage(`${show.viewerUrl}?latency=stable`, '.m3u8', plan, () => show.glassMs())),
    latencyCase('rtmp', ({ rtmpUrl }, plan) => watchRtmp(rtmpUrl, plan)),
  ],
  format: (table, isQuick) => judgedTable(formatTable(table), judged(table), isQuick),
});
if (judged(rows).some(({ holds }) => !holds)) process.exitCode = 1;
