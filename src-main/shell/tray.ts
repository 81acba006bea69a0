/** The tray icon and the window's title say at a glance whether the show is on air. Red only when really live. */
import { type BrowserWindow, type NativeImage, nativeImage, Tray } from 'electron';

export type OnAir = 'idle' | 'rehearsal' | 'live';

const COLOURS: Record<OnAir, [number, number, number]> = { idle: [150, 156, 168], rehearsal: [59, 130, 246], live: [229, 57, 53] };
const TITLES: Record<OnAir, string> = { idle: 'Tidecast', rehearsal: 'Rehearsal — Tidecast', live: '● LIVE — Tidecast' };
const SIZE_PX = 32;

export class OnAirSign {
  readonly #window: BrowserWindow;
  readonly #tray: Tray | null;

  constructor(window: BrowserWindow) {
    this.#window = window;
    this.#tray = openTray(window);
  }

  show(state: OnAir): void {
    if (this.#window.isDestroyed()) return;
    this.#window.setTitle(TITLES[state]);
    this.#window.setProgressBar(state === 'live' ? 1 : -1, { mode: state === 'live' ? 'error' : 'none' });
    this.#tray?.setImage(disc(COLOURS[state]));
    this.#tray?.setToolTip(TITLES[state]);
  }

  dispose(): void {
    this.#tray?.destroy();
  }
}

/** Some Linux desktops have no tray: the studio works without. */
function openTray(window: BrowserWindow): Tray | null {
  try {
    const tray = new Tray(disc(COLOURS.idle));
    tray.setToolTip(TITLES.idle);
    tray.on('click', () => window.show());
    return tray;
  } catch {
    return null;
  }
}

/** A filled disc with a soft edge; BGRA, premultiplied. */
function disc([red, green, blue]: [number, number, number]): NativeImage {
  const pixels = Buffer.alloc(SIZE_PX * SIZE_PX * 4);
  const centre = (SIZE_PX - 1) / 2;
  for (let y = 0; y < SIZE_PX; y += 1) {
    for (let x = 0; x < SIZE_PX; x += 1) {
      const alpha = Math.min(1, Math.max(0, centre - 2 - Math.hypot(x - centre, y - centre) + 0.5));
      pixels.set([blue * alpha, green * alpha, red * alpha, 255 * alpha], (y * SIZE_PX + x) * 4);
    }
  }
  return nativeImage.createFromBitmap(pixels, { width: SIZE_PX, height: SIZE_PX, scaleFactor: 2 });
}
