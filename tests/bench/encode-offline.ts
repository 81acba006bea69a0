/** Our encoder as fast as it takes pictures: its own path from a picture to packets, in a time that goes with the pictures. */

import { AV_LOG_ERROR } from 'node-av/constants';
import { Log } from 'node-av/lib';
import { openVideoEncoder } from '../../src-main/encoder/video/open-encoder.ts';
import { VideoProgram } from '../../src-main/encoder/video-program.ts';
import { RenditionId } from '../../src-shared/domain/ids.ts';
import type { VideoSettings } from '../../src-shared/domain/rendition.ts';
import { tickToUs } from '../../src-shared/units.ts';
import { cameraLike } from './camera-like.ts';

export interface OfflineTask {
  /** the first has the size and the rate of the pictures */
  renditions: VideoSettings[];
  frames: number;
}

export interface OfflineResult {
  fps: number;
  /** of the memory resident at the end, against that after a tenth of the frames; medians of a tenth each */
  rssGrowthMiB: number;
}

Log.setLevel(AV_LOG_ERROR);
const { renditions, frames } = JSON.parse(process.argv[2] ?? '') as OfflineTask;
const { widthPx, heightPx, frameRate } = renditions[0]!;
const pictures = cameraLike(widthPx, heightPx, 30);
let nowUs = 0;
const packets = { wanted: frames * renditions.length, come: 0 };
const program = new VideoProgram(
  { epochNs: 0n, nowUs: () => nowUs },
  {
    header: () => {},
    packet: (packet) => {
      packets.come++;
      process.send?.(packet);
    },
    closed: () => {},
    failed: (error) => {
      throw error;
    },
    encoded: () => {},
  },
  (settings, emit) => openVideoEncoder('node-av', settings, emit),
);
program.setDemand({ widthPx, heightPx, frameRate });
renditions.forEach((video, n) => program.open({ id: RenditionId.parse(`bench-${n}`), video }));

const rss: number[] = [];
const fromMs = performance.now();
for (let tick = 0; tick < frames; tick++) {
  nowUs = tickToUs(tick, frameRate);
  const planes = pictures[tick % pictures.length]!;
  await new Promise<void>((answer) => program.offer({ kind: 'video', widthPx, heightPx, tick, captureTimeUs: nowUs, planes }, answer));
  rss.push(process.memoryUsage.rss() / 2 ** 20);
}
await program.end();
const spentS = (performance.now() - fromMs) / 1_000;
if (packets.come !== packets.wanted) throw new Error(`${packets.come} packets came of ${packets.wanted}`);

const tenth = Math.ceil(frames / 10);
const middle = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
const result: OfflineResult = { fps: frames / spentS, rssGrowthMiB: middle(rss.slice(-tenth)) - middle(rss.slice(tenth, 2 * tenth)) };
process.send?.(result, () => process.exit(0));
