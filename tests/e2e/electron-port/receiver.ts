/** Takes pictures as the encoder does, with the encoder's own door, and counts them. */
import { MediaInputs } from '../../../src-main/encoder/media-input.ts';
import { monotonicClock } from '../../../src-main/process/clock.ts';
import { connectParent } from '../../../src-main/process/parent.ts';
import { readTickStrip } from '../../../src-shared/tick-strip.ts';

const parent = connectParent<object, { seconds: number }>();
const clock = monotonicClock();
const ticks = new Set<number>();
const transportMs: number[] = [];
let wrongStrips = 0;
let audioSamples = 0;
let firstTick: number | null = null;
let seconds = 30;

const inputs = new MediaInputs({
  nowUs: () => clock.nowUs(),
  connected: () => {},
  audio: ({ samples }) => void (audioSamples += samples.length / 2),
  video(frame, answer) {
    answer();
    if (readTickStrip(frame.planes, frame.widthPx, frame.widthPx) !== frame.tick) wrongStrips += 1;
    firstTick ??= frame.tick;
    if (frame.tick < firstTick + seconds * 30) ticks.add(frame.tick);
    transportMs.push((clock.nowUs() - frame.captureTimeUs) / 1_000);
    if (frame.tick >= firstTick + seconds * 30) report();
  },
});
inputs.size.set({ widthPx: 1280, heightPx: 720, frameRate: 30 });

let reported = false;
function report(): void {
  if (reported) return;
  reported = true;
  transportMs.sort((a, b) => a - b);
  const at = (part: number) => transportMs[Math.floor(transportMs.length * part)];
  parent?.send({
    wanted: seconds * 30,
    distinct: ticks.size,
    wrongStrips,
    audioSeconds: audioSamples / 48_000,
    p50Ms: at(0.5),
    p95Ms: at(0.95),
  });
}

parent?.onMessage((message) => {
  seconds = message.seconds;
  setTimeout(report, (seconds + 30) * 1_000);
});
parent?.onPort((label, channel) => label === 'media' && inputs.accept(channel, null));
