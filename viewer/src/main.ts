/** The page viewers open: /watch/<stream>. */
import { bindControls, element, setText } from './controls.ts';
import { Show, type ShowView } from './show.ts';
import { language, seconds, texts } from './text.ts';

const ON_AIR = new Set<ShowView['state']>(['starting', 'playing', 'buffering', 'paused']);
const name = decodeURIComponent(location.pathname.split('/').pop() ?? '');
const video = element<HTMLVideoElement>('video');
let announced: ShowView['state'] | null = null;

document.documentElement.lang = language;
document.title = `${name} · Tidecast`;
setText(element('title'), name);
for (const id of ['latency', 'buffer', 'picture', 'rate', 'dropped'] as const) setText(element(`${id}-label`), texts[id]);
bindControls(video, new Show(video, name, render));

function render(view: ShowView): void {
  document.body.dataset.state = view.state;
  const { headline, detail } = texts.states[view.state];
  setText(element('headline'), headline);
  setText(element('detail'), detail);
  if (announced !== view.state) setText(element('announcement'), `${headline}. ${detail}`.trim());
  announced = view.state;
  renderHeader(view);
  renderFigures(view);
  element('to-live').ariaPressed = String(view.atLive);
  setText(element('to-live').querySelector('span') as Element, view.atLive ? texts.atLive : texts.toLive);
}

function renderHeader({ state, status }: ShowView): void {
  const kind = !ON_AIR.has(state) ? 'off' : status?.rehearsal ? 'rehearsal' : 'live';
  element('chip').dataset.kind = kind;
  setText(element('chip'), { off: texts.offAir, rehearsal: texts.rehearsal, live: texts.live }[kind]);
  element('viewers').hidden = !status || !ON_AIR.has(state);
  setText(element('viewer-count'), texts.viewers(status?.viewers ?? 0));
}

function renderFigures({ state, status, latencyMs, bufferMs, picture, droppedFrames }: ShowView): void {
  const on = state === 'playing';
  setText(element('latency'), latencyMs === null ? '–' : seconds(latencyMs));
  setText(element('buffer'), on ? seconds(bufferMs) : '–');
  const frameRate = picture?.frameRate ? ` · ${Math.round(picture.frameRate)} fps` : '';
  setText(element('picture'), on && picture ? `${picture.widthPx}×${picture.heightPx}${frameRate}` : '–');
  setText(element('rate'), on && status && status.bitrateKbps > 0 ? `${status.bitrateKbps.toLocaleString(language)} kbps` : '–');
  setText(element('dropped'), on ? droppedFrames.toLocaleString(language) : '–');
}
