/** What a window of ours may do, whatever page it shows: nothing but capture, and never go elsewhere. */
import { app, desktopCapturer, type Session, shell, type WebContents } from 'electron';

/** Capture needs exactly these; everything else (geolocation, notifications, USB, …) is refused. */
const ALLOWED_PERMISSIONS = new Set(['media', 'display-capture', 'fullscreen', 'clipboard-sanitized-write', 'speaker-selection']);

/** Sandboxes every page. As root on Linux Chromium has no sandbox, and only starts when --no-sandbox says so. */
export function sandboxEverything(): void {
  if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox();
}

export function isOwnPage(url: string, origin: string): boolean {
  try {
    const parsed = new URL(url);
    return `${parsed.protocol}//${parsed.host}` === origin;
  } catch {
    return false;
  }
}

export function lockSession(session: Session, origin: string): void {
  session.setPermissionRequestHandler((contents, permission, answer) => {
    answer(ALLOWED_PERMISSIONS.has(permission) && isOwnPage(contents.getURL(), origin));
  });
  session.setPermissionCheckHandler((contents, permission) => {
    return ALLOWED_PERMISSIONS.has(permission) && contents !== null && isOwnPage(contents.getURL(), origin);
  });
  session.setDevicePermissionHandler(() => false);
  giveDesktopSound(session);
}

/** Electron gives the computer's sound on these systems only, and none without a picture beside it. */
const LOOPBACK_SYSTEMS = new Set(['win32', 'darwin']);

/** Screens are chosen in the studio's own list: the page asks for a display only where it wants the computer's sound. */
function giveDesktopSound(session: Session): void {
  session.setDisplayMediaRequestHandler((request, answer) => {
    if (!request.audioRequested || !LOOPBACK_SYSTEMS.has(process.platform)) return answer({});
    desktopCapturer.getSources({ types: ['screen'], thumbnailSize: { width: 0, height: 0 } }).then(
      ([screen]) => answer(screen ? { video: screen, audio: 'loopback' } : {}),
      () => answer({}),
    );
  });
}

export function lockContents(contents: WebContents, origin: string): void {
  contents.on('will-navigate', (event, url) => void (isOwnPage(url, origin) || event.preventDefault()));
  contents.on('will-redirect', (event, url) => void (isOwnPage(url, origin) || event.preventDefault()));
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(({ url }) => {
    openInBrowser(url);
    return { action: 'deny' };
  });
}

/** Web links leave the app for the system's browser; any other scheme could start programs. */
export function openInBrowser(url: string): void {
  if (/^https?:\/\//i.test(url)) void shell.openExternal(url);
}

/** For windows made by accident elsewhere too. */
export function lockEveryContents(origin: string): void {
  app.on('web-contents-created', (_event, contents) => lockContents(contents, origin));
}
