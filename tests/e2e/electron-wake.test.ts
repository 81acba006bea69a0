/** A machine that wakes up: Electron hears of it, and what waits in the engine is tried at once. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { _electron, type ElectronApplication } from 'playwright-core';
import { expect, test } from 'vitest';
import { Destination } from '../../src-shared/domain/index.ts';
import type { Client } from '../../src-shared/ipc/rpc.ts';
import type { ShellBridge } from '../../src-shared/ipc/shell.ts';
import { ELECTRON_FLAGS } from '../support/desktop-app.ts';
import { Display } from '../support/display.ts';
import { connectClient } from '../support/engine-harness.ts';
import { requireElectron } from '../support/find-tools.ts';
import { RtmpReceiver } from '../support/rtmp-receiver.ts';

/** As the page does: the shell says where the engine is. */
async function connect(app: ElectronApplication): Promise<Client> {
  const page = await app.firstWindow();
  const { url, token } = await page.evaluate(async () => {
    const { tidecast } = window as unknown as { tidecast: ShellBridge };
    const answer = await tidecast.invoke('shell.engine', undefined);
    if (!answer.ok || answer.value.kind !== 'webSocket') throw new Error('no engine on a WebSocket');
    return answer.value;
  });
  return connectClient(new URL(url.replace('ws', 'http')).origin, token);
}

test('the system’s wake-up, and an unlocked screen, end the wait for a server', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'tidecast-wake-'));
  await using display = await Display.start();
  const receiver = new RtmpReceiver();
  receiver.behaviour = { refuseConnect: true };
  await receiver.listen();
  const { executablePath, appPath } = requireElectron();
  const app = await _electron.launch({
    executablePath,
    args: [...ELECTRON_FLAGS, appPath],
    env: { ...(process.env as Record<string, string>), ...display.env, TIDECAST_DATA_DIR: join(directory, 'data') },
    timeout: 60_000,
  });
  try {
    const client = await connect(app);
    const destination = Destination.parse({ id: 'moody', name: 'Moody', kind: 'rtmp', url: receiver.url, enabled: true });
    await client.invoke('destination.save', { destination, streamKey: 'key' });
    await client.invoke('session.start');
    const waitsS = async () => {
      const { publishers, timeUs } = await client.invoke('stats.get');
      const state = publishers.find(({ destinationId }) => destinationId === destination.id)?.state;
      return state?.phase === 'waiting' ? (state.dueUs - timeUs) / 1_000_000 : 0;
    };
    for (const event of ['resume', 'unlock-screen']) {
      let leftS = 0;
      await expect.poll(async () => (leftS = await waitsS()), { timeout: 30_000, interval: 100 }).toBeGreaterThan(2.5);
      const [tried, dueMs] = [receiver.sessions.length, performance.now() + leftS * 1_000];
      await app.evaluate(({ powerMonitor }, name) => void powerMonitor.emit(name), event);
      await expect.poll(() => receiver.sessions.length, { timeout: 3_000 }).toBeGreaterThan(tried); // the back-off begins anew
      expect(performance.now(), event).toBeLessThan(dueMs); // and not because the wait was over
    }
    await client.invoke('session.stop');
    client.close();
  } finally {
    const late = setTimeout(() => app.process().kill('SIGKILL'), 10_000); // with a show on air it asks before it quits
    await app.close();
    clearTimeout(late);
    await receiver.kill();
    await rm(directory, { recursive: true, force: true, maxRetries: 5 });
  }
});
