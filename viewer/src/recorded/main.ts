/** The page of a show that is kept: /watch/<stream>/<show>. */
import { clockText } from '../clock-text.ts';
import { bindKeys, changeVolume, hideWhenIdle, toggleFull, toggleMute, togglePip } from '../controls.ts';
import { dress, element, label, setText } from '../dom.ts';
import { storedVolume, storeVolume } from '../preferences.ts';
import { SeekBar, SKIP_S } from '../seek-bar.ts';
import { language, texts } from '../text.ts';
import { openRecorded, type PlayerProblem, PRIVATE_RETRY_MS } from './player.ts';
import { type KeptShow, loadShows, withKey } from './shows-api.ts';

type State = 'connecting' | 'playing' | 'paused' | 'buffering' | 'gone' | 'private' | 'unsupported' | 'offline';

const VOLUME_STEP = 0.1;
const RENDER_MS = 250;
const LIST_EVERY_MS = 5_000;
const LISTED_MAX = 8;

const [, , name = '', wanted = ''] = location.pathname.split('/').map(decodeURIComponent);
const video = element<HTMLVideoElement>('video');
const player = element('player');
const words = texts.recorded;
let show: KeptShow | null = null;
let problem: Exclude<PlayerProblem, 'network'> | 'network' | null = null;
let state: State = 'connecting';

document.documentElement.lang = language;
document.title = `${name} · Tidecast`;
setText(element('title'), name);
setText(element('live-page'), words.livePage);
element<HTMLAnchorElement>('live-page').href = withKey(`/watch/${encodeURIComponent(name)}`);

const seekBar = new SeekBar(video, words.position, (currentS, { endS }) => `${clockText(currentS)} / ${clockText(endS)}`);
bindControls();
setInterval(render, RENDER_MS);
await begin();

/** Until there is a list: the server may be about to come back. */
async function begin(): Promise<void> {
  for (;;) {
    const list = await loadShows(name);
    if (list.kind === 'shows') {
      const found = wanted === 'latest' ? list.shows[0] : list.shows.find(({ id }) => id === wanted);
      renderShows(list.shows);
      if (!found) return setProblem('gone');
      setProblem(null);
      show = found;
      renderShow(found);
      await openRecorded(video, withKey(found.hlsPath), setProblem);
      if (found.running) void followForever();
      return play();
    }
    setProblem(list.kind === 'none' ? 'gone' : list.kind === 'private' ? 'private' : 'network');
    if (list.kind === 'none') return;
    const waitMs = list.kind === 'private' ? PRIVATE_RETRY_MS : LIST_EVERY_MS;
    await new Promise((resolve) => setTimeout(resolve, waitMs));
  }
}

/** While the show is on it grows. */
async function followForever(): Promise<void> {
  while (show?.running) {
    await new Promise((resolve) => setTimeout(resolve, LIST_EVERY_MS));
    const list = await loadShows(name);
    const now = list.kind === 'shows' ? list.shows.find(({ id }) => id === show?.id) : null;
    if (!now) continue;
    show = now;
    renderShow(now);
  }
}

function setProblem(now: PlayerProblem | null): void {
  problem = now;
  render();
}

/** A browser that lets nothing sound before a click stays paused: this is no live show. */
function play(): void {
  video.play().catch(() => render());
}

function toggle(): void {
  if (video.paused) play();
  else video.pause();
}

function stateNow(): State {
  if (problem === 'network') return 'offline';
  if (problem !== null) return problem;
  if (!show || video.readyState < HTMLMediaElement.HAVE_METADATA) return 'connecting';
  if (video.paused) return 'paused';
  return video.readyState < HTMLMediaElement.HAVE_FUTURE_DATA && !video.ended ? 'buffering' : 'playing';
}

function render(): void {
  const now = stateNow();
  const { headline, detail } = now === 'gone' ? words.gone : texts.states[now];
  setText(element('headline'), headline);
  setText(element('detail'), detail);
  if (now !== state) setText(element('announcement'), `${headline}. ${detail}`.trim());
  state = now;
  document.body.dataset.state = now;
  const endS = Number.isFinite(video.duration) ? video.duration : (show?.durationMs ?? 0) / 1_000;
  seekBar.render({ startS: 0, endS });
  setText(element('time'), `${clockText(video.currentTime)} / ${clockText(endS)}`);
  const silent = video.muted || video.volume === 0;
  const full = document.fullscreenElement === player;
  dress('play', video.paused ? 'play' : 'pause', video.paused ? texts.play : texts.pause, 'Space');
  dress('big-play', 'play', texts.play, 'Space');
  dress('mute', silent ? 'muted' : 'volume', silent ? texts.unmute : texts.mute, 'M');
  dress('full', full ? 'restore' : 'full', full ? texts.leaveFullScreen : texts.fullScreen, 'F');
  dress('pip', 'pip', texts.pip, 'P');
  element<HTMLInputElement>('volume').value = String(silent ? 0 : Math.round(video.volume * 100));
}

function renderShow({ startedAtMs, running, mp4Path }: KeptShow): void {
  setText(element('chip'), running ? words.chipRunning : words.chip);
  const date = element<HTMLTimeElement>('date');
  date.dateTime = new Date(startedAtMs).toISOString();
  setText(date, dateText(startedAtMs));
  const download = element<HTMLAnchorElement>('download');
  download.hidden = running; // a part of it would be taken for all of it
  download.href = withKey(mp4Path);
  label('download', words.download);
}

/** The others, to go to. */
function renderShows(shows: readonly KeptShow[]): void {
  const nav = element('shows');
  nav.ariaLabel = words.shows;
  nav.hidden = shows.length < 2;
  const links = shows.slice(0, LISTED_MAX).map(({ id, startedAtMs, durationMs, watchPath }) => {
    const link = document.createElement('a');
    link.href = withKey(watchPath);
    if (id === wanted || (wanted === 'latest' && id === shows[0]?.id)) link.ariaCurrent = 'page';
    const length = document.createElement('small');
    length.textContent = clockText(durationMs / 1_000);
    link.append(dateText(startedAtMs), ' ', length);
    return link;
  });
  nav.replaceChildren(...links);
}

function dateText(timeMs: number): string {
  return new Date(timeMs).toLocaleString(language, { dateStyle: 'medium', timeStyle: 'short' });
}

function bindControls(): void {
  const volume = element<HTMLInputElement>('volume');
  const actions = [
    { button: element<HTMLButtonElement>('play'), keys: [' ', 'k'], name: texts.play, run: toggle },
    { button: element<HTMLButtonElement>('mute'), keys: ['m'], name: texts.mute, run: () => toggleMute(video) },
    { button: element<HTMLButtonElement>('pip'), keys: ['p'], name: texts.pip, run: () => void togglePip(video) },
    { button: element<HTMLButtonElement>('full'), keys: ['f'], name: texts.fullScreen, run: () => void toggleFull(player) },
    { name: texts.louder, keys: ['ArrowUp'], run: () => changeVolume(video, VOLUME_STEP) },
    { name: texts.louder, keys: ['ArrowDown'], run: () => changeVolume(video, -VOLUME_STEP) },
    { name: words.skip, keys: ['ArrowLeft'], run: () => seekBar.skip(-SKIP_S) },
    { name: words.skip, keys: ['ArrowRight'], run: () => seekBar.skip(SKIP_S) },
  ];
  for (const { button, run } of actions) button?.addEventListener('click', run);
  bindKeys(actions);
  element('pip').hidden = !document.pictureInPictureEnabled;
  element('full').hidden = !document.fullscreenEnabled;
  element('big-play').addEventListener('click', toggle);
  video.addEventListener('click', toggle);
  video.volume = storedVolume();
  volume.ariaLabel = texts.volume;
  volume.addEventListener('input', () => {
    video.muted = false;
    video.volume = Number(volume.value) / 100;
  });
  video.addEventListener('volumechange', () => storeVolume(video.volume));
  for (const event of ['play', 'pause', 'seeking', 'seeked', 'volumechange', 'durationchange']) video.addEventListener(event, render);
  document.addEventListener('fullscreenchange', render);
  hideWhenIdle(player, video);
}
