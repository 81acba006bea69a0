/** The page viewers open: /watch/<stream>. */

import { clockText } from './clock-text.ts';
import { bindControls } from './controls.ts';
import { bindPanel, element, label, setText } from './dom.ts';
import { HeldPicture } from './held-picture.ts';
import { SettingsMenu } from './menu.ts';
import { withKey } from './recorded/shows-api.ts';
import { SeekBar } from './seek-bar.ts';
import { SharePanel } from './share.ts';
import { Show } from './show.ts';
import type { ShowView } from './show-view.ts';
import { Statistics } from './statistics.ts';
import { kilobits, language, seconds, texts } from './text.ts';

const ON_AIR = new Set<ShowView['state']>(['starting', 'playing', 'buffering', 'paused']);
const name = decodeURIComponent(location.pathname.split('/').pop() ?? '');
const video = element<HTMLVideoElement>('video');
let announced: ShowView['state'] | null = null;

document.documentElement.lang = language;
document.title = `${name} · Tidecast`;
setText(element('title'), name);
for (const id of ['latency', 'buffer', 'picture', 'rate', 'dropped'] as const) setText(element(`${id}-label`), texts[id]);

const statistics = new Statistics();
const share = new SharePanel();
const seekBar = new SeekBar(video, texts.recorded.window, (currentS, { endS }) => `-${clockText(endS - currentS)}`);
const show = new Show(video, name, new HeldPicture(element('held'), video), render);
const help = bindPanel(null, 'help', () => {});
const menu = new SettingsMenu(show, [
  { name: texts.statistics, icon: 'statistics', run: () => toggleFromMenu(() => statistics.toggle()) },
  { name: texts.keys, icon: 'keyboard', run: () => toggleFromMenu(help.toggle) },
]);
listKeys(
  bindControls(video, show, {
    statistics: () => statistics.toggle(),
    menu: menu.toggle,
    help: help.toggle,
    skip: (seconds) => seekBar.skip(seconds),
  }),
);

function toggleFromMenu(toggle: () => void): void {
  menu.toggle();
  toggle();
}

function render(view: ShowView): void {
  document.body.dataset.state = view.state;
  const { headline, detail } = texts.states[view.state];
  setText(element('headline'), headline);
  setText(element('detail'), detail);
  if (announced !== view.state) setText(element('announcement'), `${headline}. ${detail}`.trim());
  announced = view.state;
  renderHeader(view);
  renderFigures(view);
  renderToLive(view);
  seekBar.render(view.window);
  statistics.render(view);
  share.render(view);
  menu?.render(view);
}

function renderHeader({ state, status }: ShowView): void {
  const kind = !ON_AIR.has(state) ? 'off' : status?.rehearsal ? 'rehearsal' : 'live';
  document.body.dataset.kind = kind;
  setText(element('chip'), { off: texts.offAir, rehearsal: texts.rehearsal, live: texts.live }[kind]);
  const latest = status?.latestShow ?? null;
  const link = element<HTMLAnchorElement>('from-start');
  link.hidden = latest === null;
  if (latest) {
    setText(link, latest.running ? texts.recorded.fromStart : texts.recorded.earlier);
    link.href = withKey(latest.watchPath);
  }
  element('viewers').hidden = !status || !ON_AIR.has(state);
  setText(element('viewer-count'), texts.viewers(status?.viewers ?? 0));
}

function renderToLive({ atLive, status }: ShowView): void {
  const words = status?.rehearsal ? { at: texts.atNewest, to: texts.toNewest } : { at: texts.atLive, to: texts.toLive };
  element('to-live').ariaPressed = String(atLive);
  label('to-live', atLive ? words.at : words.to);
}

function renderFigures({ state, rungs, rung, status, latencyMs, bufferMs, picture, droppedFrames }: ShowView): void {
  const on = state === 'playing';
  setText(element('latency'), latencyMs === null ? '–' : seconds(latencyMs));
  setText(element('buffer'), on ? seconds(bufferMs) : '–');
  const frameRate = picture?.frameRate ? ` · ${Math.round(picture.frameRate)} fps` : '';
  setText(element('picture'), on && picture?.widthPx ? `${picture.widthPx}×${picture.heightPx}${frameRate}` : '–');
  const kbps = rungs.find((each) => each.name === rung)?.bitrateKbps || status?.bitrateKbps || 0;
  setText(element('rate'), on && kbps > 0 ? kilobits(kbps) : '–');
  setText(element('dropped'), on ? droppedFrames.toLocaleString(language) : '–');
}

function listKeys(actions: { name: string; keys: string[] }[]): void {
  setText(element('help-title'), texts.keys);
  const KEY_NAMES: Record<string, string> = { ' ': texts.space, ArrowUp: '↑', ArrowDown: '↓', ArrowLeft: '←', ArrowRight: '→' };
  const names = [...new Set(actions.map((action) => action.name))];
  const rows = names.map((action) => {
    const row = document.createElement('div');
    const term = document.createElement('dt');
    term.textContent = action;
    const keys = document.createElement('dd');
    for (const key of actions.flatMap((each) => (each.name === action ? each.keys : []))) {
      const cap = document.createElement('kbd');
      cap.textContent = KEY_NAMES[key] ?? (key.length === 1 ? key.toUpperCase() : key);
      keys.append(cap);
    }
    row.append(term, keys);
    return row;
  });
  element('help-list').replaceChildren(...rows);
}
