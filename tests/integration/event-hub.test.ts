/** Pages on real sockets: one that does not read must not fill the engine's memory. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { EventHub } from '../../src-main/engine/events.ts';
import type { Log } from '../../src-main/engine/log.ts';
import { type Recording, RecordingId } from '../../src-shared/domain/index.ts';
import { type WebSocketLike, webSocketChannel } from '../../src-shared/ipc/web-socket-channel.ts';
import { waitFor } from '../support/publish-harness.ts';

const MiB = 2 ** 20;

test('a page that does not read is closed before 16 MiB wait for it; the one that reads gets everything', async () => {
  const told: string[] = [];
  const log: Log = { debug() {}, info() {}, warn: (line) => void told.push(line), error: (line) => void told.push(line) };
  const hub = new EventHub(log);
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
  const pages: WebSocket[] = [];
  try {
    await once(server, 'listening');
    const attach = async () => {
      const accepted = once(server, 'connection');
      const page = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`, { perMessageDeflate: false });
      pages.push(page);
      const [socket] = (await accepted) as [WebSocket];
      const channel = webSocketChannel(socket as unknown as WebSocketLike);
      hub.add(channel);
      await waitFor(() => page.readyState === WebSocket.OPEN, 'the page');
      return { page, channel };
    };
    const [reads, hangs] = [await attach(), await attach()];
    let got = 0;
    let closed = false;
    reads.page.on('message', () => void (got += 1));
    hangs.channel.onClose(() => void (closed = true));
    hangs.page.pause();
    const recording: Recording = {
      id: RecordingId.parse('11111111-1111-4111-8111-111111111111'),
      path: 'x'.repeat(MiB / 4),
      startedAtMs: 0,
      durationMs: 0,
      sizeBytes: 0,
      widthPx: 2,
      heightPx: 2,
      status: 'complete',
      hasThumbnail: false,
    };
    let most = 0;
    for (let i = 0; i < 160; i += 1) {
      hub.emit('recordings.changed', [recording]);
      most = Math.max(most, hangs.channel.bufferedBytes);
      await sleep(1);
    }
    await waitFor(() => got === 160, 'every event');
    expect(closed).toBe(true);
    expect(most).toBeLessThan(16 * MiB);
    expect(told).toEqual([expect.stringMatching(/does not read/)]);
  } finally {
    for (const page of pages) page.terminate();
    server.close();
  }
});
