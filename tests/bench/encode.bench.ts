/** `npm run bench:encode`: what encoding costs beside the ffmpeg command line with the same options. See docs/bench.md. */
import { VideoSettings } from '../../src-shared/domain/rendition.ts';
import { cameraLike } from './camera-like.ts';
import type { OfflineResult, OfflineTask } from './encode-offline.ts';
import { measureAlone, measureFfmpeg, runChild } from './encode-sides.ts';
import { type BenchCase, type Measurement, median, runBench } from './harness.ts';

/** A show lasts hours: V8 has compiled what runs all the time only after some ten seconds of it. */
const PAIR = { warmUpFrames: 300, frames: 240 };
const QUICK_PAIR = { warmUpFrames: 60, frames: 60 };
const PAIRS = 5;
const QUICK_OFFLINE_FRAMES = 300;
/** What is not encoded costs nothing: a pair in which less of the pictures was encoded does not count. */
const ENCODED_LEAST = 0.98;

const HD = { widthPx: 1_280, heightPx: 720, bitrateKbps: 2_500 };
const FULL_HD = { widthPx: 1_920, heightPx: 1_080, bitrateKbps: 5_000 };

/** @param offlineFrames how many are encoded without a pace: what leaks shows over many */
function encodeCase(name: string, offlineFrames: number, ...videos: Partial<VideoSettings>[]): BenchCase {
  const renditions = videos.map((video) => VideoSettings.parse({ frameRate: 30, preset: 'veryfast', tune: 'zerolatency', ...video }));
  return {
    name,
    async run({ quick, round }) {
      // its pairs are interleaved among themselves and one set of them is enough
      if (round > 0) return [];
      const task: OfflineTask = { renditions, frames: quick ? QUICK_OFFLINE_FRAMES : offlineFrames };
      const { fps, rssGrowthMiB } = await runChild<OfflineResult>('./encode-offline.ts', task, 'fps');
      return [
        ...(await measurePairs(renditions, quick)),
        { metric: 'fps', value: fps, unit: '1/s' },
        { metric: 'rssGrowthMiB', value: rssGrowthMiB, unit: 'MiB' },
      ];
    },
  };
}

async function measurePairs(renditions: VideoSettings[], quick: boolean): Promise<Measurement[]> {
  const { widthPx, heightPx } = renditions[0]!;
  const pictures = cameraLike(widthPx, heightPx, 30);
  const length = quick ? QUICK_PAIR : PAIR;
  const pairs: { ratio: number; loopDelayP99Ms: number }[] = [];
  for (let tried = 0, wanted = quick ? 1 : PAIRS; pairs.length < wanted; tried++) {
    if (tried === 2 * wanted) throw new Error('This machine is too busy, or too slow, to encode the pictures as they come.');
    const side = { ours: { msPerFrame: 0, loopDelayP99Ms: 0, encodedShare: 0 }, ffmpegMs: 0 };
    const steps = [
      async () => void (side.ours = await measureAlone(renditions, length)),
      async () => void (side.ffmpegMs = await measureFfmpeg(renditions, pictures, length)),
    ];
    for (const step of tried % 2 ? steps.reverse() : steps) await step();
    const { msPerFrame, loopDelayP99Ms, encodedShare } = side.ours;
    if (encodedShare >= ENCODED_LEAST) pairs.push({ ratio: msPerFrame / side.ffmpegMs, loopDelayP99Ms });
  }
  return [
    { metric: 'cpuRatio', value: median(pairs.map(({ ratio }) => ratio)), unit: '×' },
    { metric: 'loopDelayP99Ms', value: median(pairs.map(({ loopDelayP99Ms }) => loopDelayP99Ms)), unit: 'ms' },
  ];
}

await runBench({
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
});
