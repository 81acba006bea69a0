/** What a page in the desktop window can and cannot do, asked from within it by page code, not through a debugger. */
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { _electron, type ElectronApplication, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ELECTRON_FLAGS } from '../support/desktop-app.ts';
import { Display } from '../support/display.ts';
import { repoRoot, requireElectron } from '../support/find-tools.ts';

let directory: string;
let display: Display;
let app: ElectronApplication;
let page: Page;
let elsewhere: Server;
let elsewhereUrl: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tidecast-security-'));
  display = await Display.start();
  elsewhere = createServer((_request, response) => response.end('<title>elsewhere</title>')).listen(0, '127.0.0.1');
  await new Promise((resolve) => elsewhere.once('listening', resolve));
  elsewhereUrl = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/`;
  const { executablePath, appPath } = requireElectron();
  const fakes = ['--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream'];
  app = await _electron.launch({
    executablePath,
    args: [...ELECTRON_FLAGS, ...fakes, appPath],
    env: { ...(process.env as Record<string, string>), ...display.env, TIDECAST_DATA_DIR: join(directory, 'data') },
    timeout: 60_000,
  });
  page = await app.firstWindow();
  await page.getByRole('region', { name: 'Scenes' }).waitFor({ timeout: 60_000 });
}, 120_000);

afterAll(async () => {
  await app?.close();
  await display?.[Symbol.asyncDispose]();
  elsewhere?.close();
  await rm(directory, { recursive: true, force: true, maxRetries: 5 });
});

test('the page is isolated, sandboxed, and holds nothing but the bridge', async () => {
  expect(
    await page.evaluate(() => ({
      node: ['require', 'process', 'module', 'Buffer', 'global', 'electron'].filter((name) => name in globalThis),
      isolated: crossOriginIsolated,
      bridge: Object.keys((globalThis as unknown as { tidecast: object }).tidecast).sort(),
      origin: location.origin,
    })),
  ).toEqual({ node: [], isolated: true, bridge: ['host', 'invoke'], origin: 'app://studio' });
  const preferences = await app.evaluate(({ webContents }) => {
    const contents = webContents.getAllWebContents()[0] as unknown as { getLastWebPreferences(): Record<string, unknown> };
    const { contextIsolation, sandbox, nodeIntegration, webSecurity, webviewTag } = contents.getLastWebPreferences();
    return { contextIsolation, sandbox, nodeIntegration, webSecurity, webviewTag };
  });
  expect(preferences).toEqual({
    contextIsolation: true,
    sandbox: true,
    nodeIntegration: false,
    webSecurity: true,
    webviewTag: false,
  });
});

test('the bridge cannot be replaced or grown by the page', async () => {
  expect(
    await page.evaluate(() => {
      const holder = globalThis as unknown as { tidecast: Record<string, unknown> };
      const before = holder.tidecast;
      try {
        before['invoke'] = () => 'mine';
        before['extra'] = 1;
      } catch {
        // refused loudly, which is as good
      }
      return { replaced: String(before['invoke']).includes('mine'), grown: 'extra' in before };
    }),
  ).toEqual({ replaced: false, grown: false });
});

test('the content policy stops inline scripts, eval, and scripts and connections from elsewhere', async () => {
  const violations = await page.evaluate(async (url) => {
    const seen = new Set<string>();
    const note = (event: SecurityPolicyViolationEvent) => void seen.add(`${event.effectiveDirective} ${event.blockedURI}`);
    document.addEventListener('securitypolicyviolation', note);
    const add = (make: (script: HTMLScriptElement) => void) => {
      const script = document.createElement('script');
      make(script);
      document.head.append(script);
    };
    add((script) => void (script.textContent = 'globalThis.inlineRan = true'));
    add((script) => void (script.src = `${url}evil.js`));
    // a handler attribute is compiled as page code, under the page's policy
    const button = document.createElement('button');
    button.setAttribute('onclick', 'globalThis.inlineRan = true');
    button.click();
    const frame = document.createElement('iframe');
    frame.src = url;
    document.body.append(frame);
    await fetch(url).catch(() => {});
    for (let turn = 0; turn < 100 && new Set([...seen].map((line) => line.split(' ')[0])).size < 4; turn++)
      await new Promise((resolve) => setTimeout(resolve, 100));
    frame.remove();
    document.removeEventListener('securitypolicyviolation', note);
    return { seen: [...seen].sort(), inlineRan: 'inlineRan' in globalThis };
  }, elsewhereUrl);
  expect(violations.inlineRan).toBe(false);
  const directives = violations.seen.map((line) => line.split(' ')[0]);
  expect(directives).toEqual(expect.arrayContaining(['script-src-elem', 'script-src-attr', 'frame-src', 'connect-src']));
});

test('eval is refused to page code: a worker of the page compiles nothing', async () => {
  // A debugger may eval whatever the policy says, so a script of the page itself asks: a blob worker inherits the policy.
  const answer = await page.evaluate(
    () =>
      new Promise<string>((resolve) => {
        const source =
          "try { postMessage('ran ' + eval('1 + 1')); } catch (error) { postMessage(error.name + ', process ' + typeof process); }";
        const worker = new Worker(URL.createObjectURL(new Blob([source], { type: 'text/javascript' })));
        worker.onmessage = (event) => resolve(String(event.data));
        worker.onerror = () => resolve('the worker did not start');
      }),
  );
  expect(answer).toBe('EvalError, process undefined');
});

test('the window stays where it is: no other origin, no second window', async () => {
  await page.evaluate((url) => void (location.href = url), elsewhereUrl);
  await page.waitForTimeout(500);
  expect(await page.evaluate(() => location.origin)).toBe('app://studio');
  // what the system's browser would be asked to open is only written down here
  await app.evaluate(({ shell }) => {
    (globalThis as unknown as { opened: string[] }).opened = [];
    shell.openExternal = (url: string) => Promise.resolve(void (globalThis as unknown as { opened: string[] }).opened.push(url));
  });
  const opened = await page.evaluate(
    (url) => [url, 'file:///etc/passwd', 'app://studio/index.html', 'smb://host/x'].map((target) => window.open(target)),
    elsewhereUrl,
  );
  expect(opened).toEqual([null, null, null, null]);
  await expect.poll(() => app.evaluate(() => (globalThis as unknown as { opened: string[] }).opened)).toEqual([elsewhereUrl]);
  await page.waitForTimeout(300);
  expect(app.windows()).toHaveLength(1);
  expect(await app.evaluate(() => (globalThis as unknown as { opened: string[] }).opened)).toEqual([elsewhereUrl]);
});

test('capture is allowed, everything else is not', async () => {
  const granted = await page.evaluate(async () => {
    const name = (error: unknown) => (error as { name?: string }).name ?? String(error);
    const stream = await navigator.mediaDevices.getUserMedia({ video: true, audio: true }).then(
      (live) =>
        live
          .getTracks()
          .map(({ kind }) => kind)
          .sort()
          .join(' '),
      name,
    );
    const place = await new Promise<number | string>((resolve) =>
      navigator.geolocation.getCurrentPosition(
        () => resolve('told'),
        (error) => resolve(error.code),
      ),
    );
    const notify = await Notification.requestPermission();
    const state = async (permission: string) => (await navigator.permissions.query({ name: permission as PermissionName })).state;
    return { stream, place, notify, geolocation: await state('geolocation'), midi: await state('midi') };
  });
  expect(granted).toEqual({ stream: 'audio video', place: 1, notify: 'denied', geolocation: 'denied', midi: 'denied' });
});

const Refusals: [string, unknown, string][] = [
  ['shell.format', undefined, 'ipc.unknown-call'],
  ['constructor', undefined, 'ipc.unknown-call'],
  ['__proto__', undefined, 'ipc.unknown-call'],
  ['shell.openExternal', { url: 'file:///etc/passwd' }, 'ipc.bad-input'],
  ['shell.openExternal', { url: 'javascript:alert(1)' }, 'ipc.bad-input'],
  ['shell.onAir', { state: 'paused' }, 'ipc.bad-input'],
  ['shell.onAir', { state: 'live', more: 1 }, 'ipc.bad-input'],
  ['shell.pickFolder', undefined, 'ipc.bad-input'],
  ['shell.mediaPort', { requestId: 'x'.repeat(65) }, 'ipc.bad-input'],
];

test.each(Refusals)('the shell answers %s with %j by %s', async (name, input, code) => {
  const answer = await page.evaluate(
    ([call, given]) =>
      (globalThis as unknown as { tidecast: { invoke(name: unknown, input: unknown): Promise<unknown> } }).tidecast.invoke(call, given),
    [name, input] as const,
  );
  expect(answer).toMatchObject({ ok: false, code, message: expect.any(String) });
});

test('a name that is no text is no call', async () => {
  const answer = await page.evaluate(() =>
    (globalThis as unknown as { tidecast: { invoke(name: unknown): Promise<unknown> } }).tidecast.invoke({ a: 1 }),
  );
  expect(answer).toMatchObject({ ok: false, code: 'ipc.unknown-call' });
});

test('only the studio page itself may call: another page with the same preload is refused', async () => {
  const answer = await app.evaluate(
    async ({ BrowserWindow }, { url, preload }) => {
      const stranger = new BrowserWindow({
        show: false,
        webPreferences: { preload, sandbox: true },
      });
      await stranger.loadURL(url);
      const result: unknown = await stranger.webContents.executeJavaScript("window.tidecast.invoke('shell.engine')");
      stranger.destroy();
      return result;
    },
    { url: elsewhereUrl, preload: join(repoRoot, 'out/preload/bridge.cjs') },
  );
  expect(answer).toMatchObject({ ok: false, code: 'ipc.unauthorised' });
});
