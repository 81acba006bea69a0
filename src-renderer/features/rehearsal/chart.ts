/** Draws a network rehearsal on a canvas: what the link takes and what we send, the delay, dropped pictures, over 60 s. */
import type { RunSample } from './run.ts';

const SPAN_US = 60_000_000;
/** Figures come once a second: that far behind, the newest line always reaches the right edge. */
const BEHIND_US = 1_100_000;

/** in CSS pixels */
const LANES = {
  rate: { top: 2, height: 112 },
  delay: { top: 126, height: 52 },
  dropped: { top: 184, height: 14 },
} as const;
export const CHART_HEIGHT_PX = 200;

interface Look {
  /** an axis' label */
  formatKbps: (kbps: number) => string;
  /** the end of the drawing: engine time */
  nowUs: number;
}

interface Sheet {
  context: CanvasRenderingContext2D;
  width: number;
  x: (timeUs: number) => number;
  colour: (name: string) => string;
}

export function drawChart(canvas: HTMLCanvasElement, samples: readonly RunSample[], look: Look): void {
  const context = canvas.getContext('2d');
  const width = canvas.clientWidth;
  if (!context || width === 0) return;
  canvas.width = Math.round(width * devicePixelRatio);
  canvas.height = Math.round(CHART_HEIGHT_PX * devicePixelRatio);
  context.scale(devicePixelRatio, devicePixelRatio);
  context.lineJoin = 'round';
  context.font = `11px ${getComputedStyle(canvas).fontFamily}`;
  const style = getComputedStyle(canvas);
  const endUs = look.nowUs - BEHIND_US;
  const sheet: Sheet = {
    context,
    width,
    x: (timeUs) => width - ((endUs - timeUs) / SPAN_US) * width,
    colour: (name) => style.getPropertyValue(`--${name}`).trim(),
  };
  const shown = samples.filter(({ timeUs }) => timeUs > endUs - SPAN_US - 2_000_000);
  shadeOutages(sheet, shown);
  drawRates(sheet, shown, look.formatKbps);
  drawDelay(sheet, shown);
  drawDropped(sheet, shown);
}

/** Seconds without a connection, over the whole height. */
function shadeOutages({ context, x, colour }: Sheet, samples: readonly RunSample[]): void {
  context.fillStyle = colour('danger-soft');
  samples.forEach((sample, index) => {
    const next = samples[index + 1];
    if (!sample.isLive && next) context.fillRect(x(sample.timeUs), 0, x(next.timeUs) - x(sample.timeUs) + 0.5, CHART_HEIGHT_PX);
  });
}

function drawRates(sheet: Sheet, samples: readonly RunSample[], formatKbps: (kbps: number) => string): void {
  const { context, x, colour } = sheet;
  const { top, height } = LANES.rate;
  const most = roundUp(Math.max(1_000, ...samples.flatMap(({ capacityKbps, bitrateKbps }) => [capacityKbps, bitrateKbps])));
  const y = (kbps: number) => top + height - (kbps / most) * height;
  drawGrid(sheet, LANES.rate, 2);
  // what the link lets through in the second before a sample: steps
  context.beginPath();
  samples.forEach((sample, index) => {
    const beforeUs = samples[index - 1]?.timeUs ?? sample.timeUs - 1_000_000;
    context.lineTo(x(beforeUs), y(sample.capacityKbps));
    context.lineTo(x(sample.timeUs), y(sample.capacityKbps));
  });
  fillUnder(sheet, samples, top + height, colour('rehearsal'), 0.14, 1_000_000);
  line(context, samples, x, (sample) => y(sample.targetKbps), colour('text-faint'), 1, [3, 3]);
  line(context, samples, x, (sample) => y(sample.bitrateKbps), colour('accent'), 2);
  drawLabels(sheet, LANES.rate, [formatKbps(most), formatKbps(most / 2)]);
}

function drawDelay(sheet: Sheet, samples: readonly RunSample[]): void {
  const { context, x, colour } = sheet;
  const { top, height } = LANES.delay;
  const most = roundUp(Math.max(500, ...samples.map(({ delayMs }) => delayMs)));
  const y = (ms: number) => top + height - (ms / most) * height;
  drawGrid(sheet, LANES.delay, 1);
  context.beginPath();
  for (const { timeUs, delayMs } of samples) context.lineTo(x(timeUs), y(delayMs));
  fillUnder(sheet, samples, top + height, colour('warning'), 0.16);
  line(context, samples, x, (sample) => y(sample.delayMs), colour('warning'), 1.5);
  drawLabels(sheet, LANES.delay, [most >= 1_000 ? `${most / 1_000} s` : `${most} ms`]);
}

/** A bar for each second in which pictures were dropped: full when all of them were. */
function drawDropped(sheet: Sheet, samples: readonly RunSample[]): void {
  const { context, x, colour } = sheet;
  const { top, height } = LANES.dropped;
  drawGrid(sheet, LANES.dropped, 0);
  context.fillStyle = colour('danger');
  for (const { timeUs, dropped, sent } of samples) {
    if (dropped === 0) continue;
    const tall = Math.max(3, (dropped / (dropped + sent)) * height);
    context.fillRect(x(timeUs) - 4, top + height - tall, 4, tall);
  }
}

interface Lane {
  top: number;
  height: number;
}

/** The lane's ground line, and a hairline for each of so many evenly spaced values above it. */
function drawGrid({ context, width, colour }: Sheet, { top, height }: Lane, values: number): void {
  context.fillStyle = colour('line');
  context.fillRect(0, top + height, width, 1);
  for (let index = 0; index < values; index++) context.fillRect(0, top + (index * height) / values, width, 1);
}

/** What the hairlines stand for, over everything else. */
function drawLabels({ context, colour }: Sheet, { top, height }: Lane, labels: readonly string[]): void {
  context.fillStyle = colour('text-soft');
  context.strokeStyle = colour('surface');
  context.lineWidth = 3;
  labels.forEach((label, index) => {
    const at = top + (index * height) / labels.length + 13;
    context.strokeText(label, 2, at);
    context.fillText(label, 2, at);
  });
}

/** @param earlierUs how long before its sample the path began */
function fillUnder(
  { context, x }: Sheet,
  samples: readonly RunSample[],
  bottom: number,
  colour: string,
  alpha: number,
  earlierUs = 0,
): void {
  const first = samples[0];
  const last = samples.at(-1);
  if (!first || !last) return;
  context.lineTo(x(last.timeUs), bottom);
  context.lineTo(x(first.timeUs - earlierUs), bottom);
  context.closePath();
  context.globalAlpha = alpha;
  context.fillStyle = colour;
  context.fill();
  context.globalAlpha = 1;
}

function line(
  context: CanvasRenderingContext2D,
  samples: readonly RunSample[],
  x: (timeUs: number) => number,
  y: (sample: RunSample) => number,
  colour: string,
  width: number,
  dash: number[] = [],
): void {
  context.beginPath();
  for (const sample of samples) context.lineTo(x(sample.timeUs), y(sample));
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.setLineDash(dash);
  context.stroke();
  context.setLineDash([]);
}

/** The next of 1, 2, 3, 4, 5, 6, 8, 10 times a power of ten. */
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return power * ([1, 2, 3, 4, 5, 6, 8, 10].find((step) => step * power >= value) ?? 10);
}
