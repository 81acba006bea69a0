/** Buttons, keys and the volume of the player. */
import type { Show } from './show.ts';
import { texts } from './text.ts';

const IDLE_MS = 2_500;
const VOLUME_STEP = 0.1;
const VOLUME_KEY = 'tidecast.volume';

export function element<T extends Element = HTMLElement>(id: string): T {
  return document.getElementById(id) as unknown as T;
}

export function setText(node: Element, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}

interface Action {
  button: HTMLButtonElement;
  keys: string[];
  run: () => void;
}

export function bindControls(video: HTMLVideoElement, show: Show): void {
  const player = element('player');
  const volume = element<HTMLInputElement>('volume');
  const actions: Action[] = [
    { button: element('play'), keys: [' ', 'k'], run: () => show.toggle() },
    { button: element('mute'), keys: ['m'], run: () => toggleMute(video) },
    { button: element('to-live'), keys: ['l', 'End'], run: () => show.goLive() },
    { button: element('pip'), keys: ['p'], run: () => void togglePip(video) },
    { button: element('full'), keys: ['f'], run: () => void toggleFull(player) },
  ];
  for (const { button, run } of actions) button.addEventListener('click', run);
  element('pip').hidden = !document.pictureInPictureEnabled;
  element('full').hidden = !document.fullscreenEnabled;
  element('big-play').addEventListener('click', () => show.toggle());
  element('unmute').addEventListener('click', () => toggleMute(video));
  video.addEventListener('dblclick', () => void toggleFull(player));
  bindKeys(video, actions);

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
}

function bindKeys(video: HTMLVideoElement, actions: Action[]): void {
  document.addEventListener('keydown', (event) => {
    const target = event.target as Element;
    const ownKey =
      target instanceof HTMLInputElement || (target instanceof HTMLButtonElement && (event.key === ' ' || event.key === 'Enter'));
    if (ownKey || event.ctrlKey || event.metaKey || event.altKey) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const action = actions.find(({ keys, button }) => keys.includes(key) && !button.hidden);
    if (action) action.run();
    else if (key === 'ArrowUp' || key === 'ArrowDown') {
      video.muted = false;
      video.volume = Math.min(1, Math.max(0, video.volume + (key === 'ArrowUp' ? VOLUME_STEP : -VOLUME_STEP)));
    } else return;
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
  dress('big-play', 'play', texts.play, 'Space');
  element('unmute').hidden = !video.muted;
  setText(element('unmute').querySelector('span') as Element, texts.unmute);
  volume.value = String(silent ? 0 : Math.round(video.volume * 100));
}

function dress(id: string, icon: string, name: string, key: string): void {
  const button = element(id);
  button.querySelector('use')?.setAttribute('href', `#i-${icon}`);
  button.ariaLabel = name;
  button.title = `${name} (${key})`;
}

function toggleMute(video: HTMLVideoElement): void {
  const silent = video.muted || video.volume === 0;
  video.muted = !silent;
  if (silent && video.volume === 0) video.volume = 0.5;
}

async function toggleFull(player: Element): Promise<void> {
  await (document.fullscreenElement ? document.exitFullscreen() : player.requestFullscreen()).catch(() => {}); // the browser may refuse
}

async function togglePip(video: HTMLVideoElement): Promise<void> {
  await (document.pictureInPictureElement ? document.exitPictureInPicture() : video.requestPictureInPicture()).catch(() => {}); // before the first picture
}

function hideWhenIdle(player: HTMLElement, video: HTMLVideoElement): void {
  let timer = 0;
  const wake = () => {
    clearTimeout(timer);
    delete player.dataset.idle;
    timer = window.setTimeout(() => {
      if (!video.paused) player.dataset.idle = '';
    }, IDLE_MS);
  };
  for (const event of ['pointermove', 'pointerdown', 'keydown']) document.addEventListener(event, wake);
  wake();
}

function storedVolume(): number {
  try {
    const stored = Number.parseFloat(localStorage.getItem(VOLUME_KEY) ?? '');
    return stored >= 0 && stored <= 1 ? stored : 1;
  } catch {
    return 1; // storage is turned off
  }
}

function storeVolume(volume: number): void {
  try {
    localStorage.setItem(VOLUME_KEY, String(volume));
  } catch {
    // storage is turned off: the volume lasts for this visit
  }
}
