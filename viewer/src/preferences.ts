/** What the visitor has chosen: by the address first, which can be shared, then as it was kept from the last visit. */
import { parseWish, type Wish } from './choose-player.ts';

const KEYS = { volume: 'tidecast.volume', wish: 'tidecast.latency', rung: 'tidecast.quality' } as const;
const AUTO = 'auto';

const address = new URLSearchParams(location.search);

function stored(key: keyof typeof KEYS): string | null {
  try {
    return localStorage.getItem(KEYS[key]);
  } catch {
    return null; // storage is turned off
  }
}

function store(key: keyof typeof KEYS, value: string): void {
  try {
    localStorage.setItem(KEYS[key], value);
  } catch {
    // storage is turned off: the choice lasts for this visit
  }
}

/** @returns from 0 to 1 */
export function storedVolume(): number {
  const volume = Number.parseFloat(stored('volume') ?? '');
  return volume >= 0 && volume <= 1 ? volume : 1;
}

export function storeVolume(volume: number): void {
  store('volume', String(volume));
}

/** `?latency=lowest|stable|compatible` */
export function chosenWish(): Wish {
  return parseWish(address.get('latency')) ?? parseWish(stored('wish')) ?? 'lowest';
}

export function storeWish(wish: Wish): void {
  store('wish', wish);
}

/** `?quality=auto|RUNG`; @returns null: chosen by the page */
export function chosenRung(): string | null {
  const chosen = address.get('quality') ?? stored('rung') ?? AUTO;
  return chosen === AUTO ? null : chosen;
}

export function storeRung(rung: string | null): void {
  store('rung', rung ?? AUTO);
}
