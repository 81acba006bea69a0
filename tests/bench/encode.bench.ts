/** `npm run bench:encode`: what encoding costs beside the ffmpeg command line with the same options. See docs/bench.md. */
import { VideoSettings } from '../../src-shared/domain/rendition.ts';
import { ENCODE_BOUNDS } from './bounds.ts';
import { cameraLike } from './camera-like.ts';
import type { OfflineResult, OfflineTask } from './encode-offline.ts';
import { measureEngineLoop } from './encode-show.ts';
import { compareAtOnce, encodeAlone, runChild } from './encode-sides.ts';
import { type BenchCase, type BenchRow, formatTable, median, runBench } from './harness.ts';
import { judgedTable, withinBounds } from './verdicts.ts';

/** A show lasts hours: V8 has compiled what runs all the time only after some ten seconds of it. */
const RATIO = { warmUpS: 10, windowS: 8, windows: 5 };
const QUICK_RATIO = { warmUpS: 1.5, windowS: 1.5, windows: 1 };
const QUICK_OFFLINE_FRAMES = 40;
const SHOW = { warmUpMs: 5_000, windowMs: 20_000 };
const QUICK_SHOW = { warmUpMs: 0, windowMs: 1_500 };

const HD = { widthPx: 1_280, heightPx: 720, bitrateKbps: 2_500 };
const FULL_HD = { widthPx: 1_920, heightPx: 1_080, bitrateKbps: 5_000 };

/** @param offlineFrames how many are encoded without a pace: what leaks shows over many */
function encodeCase(name: string, offlineFrames: number, ...videos: Partial<VideoSettings>[]): BenchCase {
  const renditions = videos.map((video) => VideoSettings.parse({ frameRate: 30, preset: 'veryfast', tune: 'zerolatency', ...video }));
  return {
    name,
    async run({ quick, round }) {
      // its windows are within one run, and one set of them is enough
      if (round > 0) return [];
      const [source] = renditions as [VideoSettings];
      const pictures = cameraLike(source.widthPx, source.heightPx, 30);
      const cpuRatio = await measureRatio(renditions, pictures, quick);
      const task: OfflineTask = { renditions, frames: quick ? QUICK_OFFLINE_FRAMES : offlineFrames };
      const { fps, rssGrowthMiB } = await runChild<OfflineResult>('./encode-offline.ts', task, 'fps');
      const { p99Ms } = await measureEngineLoop(source, pictures, quick ? QUICK_SHOW : SHOW);
      return [
        { metric: 'cpuRatio', value: cpuRatio, unit: '×' },
        { metric: 'fps', value: fps, unit: '1/s' },
        { metric: 'rssGrowthMiB', value: rssGrowthMiB, unit: 'MiB' },
        { metric: 'loopDelayP99Ms', value: p99Ms, unit: 'ms' },
      ];
    },
  };
}

async function measureRatio(renditions: VideoSettings[], pictures: Uint8Array[], quick: boolean): Promise<number> {
  for (let tried = 0; tried < 3; tried++) {
    const ratios = await compareAtOnce(() => encodeAlone(renditions), renditions, pictures, quick ? QUICK_RATIO : RATIO);
    if (ratios) return median(ratios);
  }
  throw new Error('This machine is too busy, or too slow, to encode the pictures of both sides as they come.');
}

const judged = (rows: BenchRow[]) => withinBounds(rows, ENCODE_BOUNDS);

const { rows, quick } = await runBench({
  name: 'encode',
  cases: [
    encodeCase('x264-veryfast@720p', 20_000, HD),
    encodeCase('x264-veryfast@1080p', 3_000, FULL_HD),
    // two cores do not encode 30 of these a second
    encodeCase('x264-medium@720p', 3_000, { ...HD, preset: 'medium', frameRate: 15 }),
    encodeCase(
      'three-renditions',
      3_000,
      HD,
      { widthPx: 854, heightPx: 480, bitrateKbps: 1_200 },
      { widthPx: 640, heightPx: 360, bitrateKbps: 700 },
    ),
  ],
  format: (table, isQuick) => judgedTable(formatTable(table), judged(table), isQuick),
});
// a quick run is mostly warm-up
if (!quick && judged(rows).some(({ holds }) => !holds)) process.exitCode = 1;
