/** The statistics panel: what is played, how, and how far behind; with the last minute drawn. */
import { GLASS_STAGES } from '../../src-shared/domain/glass-stages.ts';
import { dress, element, setText } from './dom.ts';
import type { GlassFigures } from './glass.ts';
import type { ShowView } from './show-view.ts';
import { kilobits, milliseconds, seconds, texts } from './text.ts';

const NONE = '–';
const EVERY_MS = 500;
const HISTORY = 120;

interface Point {
  latencyMs: number | null;
  bufferMs: number;
}

export class Statistics {
  readonly #panel = element('statistics');
  readonly #canvas = element<HTMLCanvasElement>('statistics-chart');
  readonly #values = new Map<string, HTMLElement>();
  readonly #history: Point[] = [];
  #atMs = 0;

  constructor() {
    setText(element('statistics-title'), texts.statistics);
    dress('close-statistics', 'close', texts.close, 'I');
    element('close-statistics').addEventListener('click', () => this.toggle());
    this.#canvas.ariaLabel = texts.figures.chart;
  }

  toggle(): void {
    this.#panel.hidden = !this.#panel.hidden;
  }

  render(view: ShowView): void {
    const nowMs = performance.now();
    if (nowMs - this.#atMs < EVERY_MS) return;
    this.#atMs = nowMs;
    this.#history.push({ latencyMs: view.latencyMs, bufferMs: view.bufferMs });
    if (this.#history.length > HISTORY) this.#history.shift();
    if (this.#panel.hidden) return;
    const all = new Map(rows(view));
    for (const label of new Set([...this.#values.keys(), ...all.keys()])) this.#set(label, all.get(label) ?? NONE);
    this.#draw();
  }

  #set(label: string, value: string): void {
    let node = this.#values.get(label);
    if (!node) {
      const term = document.createElement('dt');
      term.textContent = label;
      node = document.createElement('dd');
      const group = document.createElement('div');
      group.append(term, node);
      element('statistics-list').append(group);
      this.#values.set(label, node);
    }
    setText(node, value);
  }

  /** Two lines over the last minute, from zero: the delay above, the buffer's share of it below. */
  #draw(): void {
    const { width, height } = this.#canvas;
    const context = this.#canvas.getContext('2d');
    if (!context) return;
    const highestMs = Math.max(1_000, ...this.#history.map(({ latencyMs, bufferMs }) => Math.max(latencyMs ?? 0, bufferMs)));
    const style = getComputedStyle(this.#canvas);
    context.clearRect(0, 0, width, height);
    context.font = '20px system-ui';
    context.fillStyle = style.getPropertyValue('--on-picture-muted');
    context.fillText(seconds(highestMs), 4, 20);
    const first = HISTORY - this.#history.length; // now is on the right
    const at = (i: number, ms: number): [number, number] => [
      ((first + i) / (HISTORY - 1)) * width,
      height - 2 - (ms / highestMs) * (height - 28),
    ];
    const line = (colour: string, value: (point: Point) => number | null) => {
      context.strokeStyle = style.getPropertyValue(colour);
      context.lineWidth = 3;
      context.beginPath();
      let pen = false;
      this.#history.forEach((point, i) => {
        const ms = value(point);
        if (ms !== null) context[pen ? 'lineTo' : 'moveTo'](...at(i, ms));
        pen = ms !== null;
      });
      context.stroke();
    };
    line('--accent-on-picture', ({ latencyMs }) => latencyMs);
    line('--buffer', ({ bufferMs }) => bufferMs);
  }
}

/** Those stages alone that the stream tells of. */
function glassRows(glass: GlassFigures | null): [string, string][] {
  if (!glass) return [[texts.figures.glass, NONE]];
  const { stagesMs, from, byPictureMs } = glass;
  const stages = GLASS_STAGES.flatMap((stage): [string, string][] => {
    const ms = stagesMs?.[stage];
    return ms === undefined ? [] : [[`· ${texts.stages[stage]}`, milliseconds(ms)]];
  });
  const code: [string, string][] = from === 'stream' && byPictureMs !== null ? [[texts.figures.timeCode, seconds(byPictureMs)]] : [];
  return [[texts.figures.glass, seconds(glass.glassMs)], ...code, ...stages];
}

function rows(view: ShowView): [string, string][] {
  const { figures } = texts;
  const { picture, targetMs, apartMs, receivedKbps, startupMs } = view;
  const size = picture?.widthPx ? `${picture.widthPx}×${picture.heightPx}` : NONE;
  const frameRate = picture?.frameRate ? ` · ${Math.round(picture.frameRate)} fps` : '';
  const codecs = [picture?.videoCodec, picture?.audioCodec].filter(Boolean).join(', ');
  return [
    [figures.protocol, view.protocol ? texts.protocols[view.protocol] : NONE],
    [texts.picture, size + frameRate],
    [figures.codecs, codecs || NONE],
    [figures.decoding, view.decoding ? texts.decodings[view.decoding] : NONE],
    [figures.received, receivedKbps === null ? NONE : kilobits(receivedKbps)],
    [texts.latency, view.latencyMs === null ? NONE : seconds(view.latencyMs)],
    ...glassRows(view.glass),
    [texts.buffer, seconds(view.bufferMs)],
    [figures.target, targetMs === null ? NONE : seconds(targetMs)],
    [figures.speed, `${view.playbackRate.toFixed(2)}×`],
    [figures.apart, apartMs === null ? NONE : milliseconds(apartMs)],
    [figures.startup, startupMs === null ? NONE : seconds(startupMs)],
    [figures.stalls, `${view.stalls}, ${view.reconnects}`],
    [texts.dropped, String(view.droppedFrames)],
  ];
}
