/** Buttons, keys and the volume of the player. */
import { dress, element, label } from './dom.ts';
import { ownsKey } from './keys.ts';
import { storedVolume, storeVolume } from './preferences.ts';
import { SKIP_S } from './seek-bar.ts';
import type { Show } from './show.ts';
import { texts } from './text.ts';

const IDLE_MS = 2_500;
const VOLUME_STEP = 0.1;

export interface Action {
  /** what it is called in the list of keys */
  name: string;
  keys: string[];
  run: () => void;
  /** that does the same; while it is hidden the keys do nothing */
  button?: HTMLButtonElement;
}

export interface Toggles {
  statistics: () => void;
  menu: () => void;
  help: () => void;
  /** in what there is of the show; nothing where there is too little */
  skip: (seconds: number) => void;
}

/** @returns names and keys of what the keyboard does */
export function bindControls(video: HTMLVideoElement, show: Show, toggles: Toggles): { name: string; keys: string[] }[] {
  const player = element('player');
  const volume = element<HTMLInputElement>('volume');
  const actions: Action[] = [
    { button: element('play'), keys: [' ', 'k'], name: texts.play, run: () => show.toggle() },
    { button: element('mute'), keys: ['m'], name: texts.mute, run: () => toggleMute(video) },
    { button: element('to-live'), keys: ['l', 'End'], name: texts.toLive, run: () => show.goLive() },
    { button: element('pip'), keys: ['p'], name: texts.pip, run: () => void togglePip(video) },
    { button: element('full'), keys: ['f'], name: texts.fullScreen, run: () => void toggleFull(player) },
    { name: texts.louder, keys: ['ArrowUp'], run: () => changeVolume(video, VOLUME_STEP) },
    { name: texts.louder, keys: ['ArrowDown'], run: () => changeVolume(video, -VOLUME_STEP) },
    { name: texts.recorded.skip, keys: ['ArrowLeft'], run: () => toggles.skip(-SKIP_S) },
    { name: texts.recorded.skip, keys: ['ArrowRight'], run: () => toggles.skip(SKIP_S) },
    { name: texts.settings, keys: ['s'], run: toggles.menu },
    { name: texts.statistics, keys: ['i'], run: toggles.statistics },
    { name: texts.keys, keys: ['?'], run: toggles.help },
  ];
  for (const { button, run } of actions) button?.addEventListener('click', run);
  element('pip').hidden = !document.pictureInPictureEnabled;
  element('full').hidden = !document.fullscreenEnabled;
  element('big-play').addEventListener('click', () => show.toggle());
  element('unmute').addEventListener('click', () => toggleMute(video));
  video.addEventListener('dblclick', () => void toggleFull(player));
  bindKeys(actions);

  video.volume = storedVolume();
  volume.ariaLabel = texts.volume;
  volume.addEventListener('input', () => {
    video.muted = false;
    video.volume = Number(volume.value) / 100;
  });
  const refresh = () => refreshControls(video, player, volume);
  for (const event of ['volumechange', 'play', 'pause']) video.addEventListener(event, refresh);
  video.addEventListener('volumechange', () => storeVolume(video.volume));
  document.addEventListener('fullscreenchange', refresh);
  refresh();
  hideWhenIdle(player, video);
  return actions.filter(({ button }) => !button?.hidden);
}

export function bindKeys(actions: Action[]): void {
  document.addEventListener('keydown', (event) => {
    if (ownsKey(event.target as Element, event.key) || event.ctrlKey || event.metaKey || event.altKey) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const action = actions.find(({ keys, button }) => keys.includes(key) && !button?.hidden);
    if (!action) return;
    action.run();
    event.preventDefault();
  });
}

function refreshControls(video: HTMLVideoElement, player: Element, volume: HTMLInputElement): void {
  const silent = video.muted || video.volume === 0;
  const full = document.fullscreenElement === player;
  dress('play', video.paused ? 'play' : 'pause', video.paused ? texts.play : texts.pause, 'Space');
  dress('mute', silent ? 'muted' : 'volume', silent ? texts.unmute : texts.mute, 'M');
  dress('full', full ? 'restore' : 'full', full ? texts.leaveFullScreen : texts.fullScreen, 'F');
  dress('pip', 'pip', texts.pip, 'P');
  dress('settings', 'settings', texts.settings, 'S');
  dress('big-play', 'play', texts.play, 'Space');
  element('unmute').hidden = !video.muted;
  label('unmute', texts.unmute);
  volume.value = String(silent ? 0 : Math.round(video.volume * 100));
}

export function changeVolume(video: HTMLVideoElement, by: number): void {
  video.muted = false;
  video.volume = Math.min(1, Math.max(0, video.volume + by));
}

export function toggleMute(video: HTMLVideoElement): void {
  const silent = video.muted || video.volume === 0;
  video.muted = !silent;
  if (silent && video.volume === 0) video.volume = 0.5;
}

export async function toggleFull(player: Element): Promise<void> {
  await (document.fullscreenElement ? document.exitFullscreen() : player.requestFullscreen()).catch(() => {}); // the browser may refuse
}

export async function togglePip(video: HTMLVideoElement): Promise<void> {
  await (document.pictureInPictureElement ? document.exitPictureInPicture() : video.requestPictureInPicture()).catch(() => {}); // before the first picture
}

export function hideWhenIdle(player: HTMLElement, video: HTMLVideoElement): void {
  let timer = 0;
  const wake = () => {
    clearTimeout(timer);
    delete player.dataset.idle;
    timer = window.setTimeout(() => {
      if (!video.paused && element('menu')?.hidden !== false) player.dataset.idle = '';
    }, IDLE_MS);
  };
  for (const event of ['pointermove', 'pointerdown', 'keydown']) document.addEventListener(event, wake);
  wake();
}
