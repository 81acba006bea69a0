import { MessageChannel } from 'node:worker_threads';
import { afterEach, expect, test } from 'vitest';
import { parse, stringify } from './bytes-json.ts';
import type { Channel } from './channel.ts';
import { messagePortChannel, type PortLike } from './message-port-channel.ts';
import { Client, type Handlers, pushed, serve } from './rpc.ts';

const opened: Channel[] = [];
afterEach(() => {
  for (const channel of opened.splice(0)) channel.close();
});

/** A channel pair that loses what JSON loses, as a WebSocket does. */
function jsonPair(): [Channel, Channel] {
  const { port1, port2 } = new MessageChannel();
  const through = (port: unknown): Channel => {
    const channel = messagePortChannel(port as PortLike);
    opened.push(channel);
    return { ...channel, sendJson: (value) => channel.sendJson(parse(stringify(value))) };
  };
  return [through(port1), through(port2)];
}

function connect(handlers: Partial<Handlers>): { client: Client; far: Channel; near: Channel } {
  const [near, far] = jsonPair();
  serve(far, handlers as Handlers);
  return { client: new Client(near), far, near };
}

test('a call without input is answered, also over JSON, which has no undefined', async () => {
  const { client } = connect({ 'media.demand': () => ({ widthPx: 2, heightPx: 4, frameRate: 30 }), 'session.stop': () => {} });
  expect(await client.invoke('media.demand')).toEqual({ widthPx: 2, heightPx: 4, frameRate: 30 });
  expect(await client.invoke('session.stop')).toBeUndefined();
});

test('bytes survive JSON, those of a Buffer too', async () => {
  const jpeg = Buffer.from([0xff, 0xd8, 0, 1]);
  const { client } = connect({ 'recording.thumbnail': () => jpeg });
  expect(await client.invoke('recording.thumbnail', { id: 'a' as never })).toEqual(new Uint8Array(jpeg));
});

test('what a handler throws arrives with its code; a bad output is our own mistake and says so', async () => {
  const { client } = connect({
    'session.start': () => Promise.reject(new Error('surprise')),
    'media.demand': () => ({ widthPx: 'wide' }) as never,
  });
  await expect(client.invoke('session.start')).rejects.toMatchObject({ code: 'internal', message: 'surprise' });
  await expect(client.invoke('media.demand')).rejects.toMatchObject({ code: 'ipc.bad-output' });
});

test('a numbered message that is no call is refused by its number', async () => {
  const { near } = connect({});
  const reply = new Promise((resolve) => near.onMessage((message) => message.kind === 'json' && resolve(message.value)));
  near.sendJson({ id: 9, call: 7 });
  expect(await reply).toMatchObject({ id: 9, result: { ok: false, code: 'ipc.bad-input' } });
});

test('an event reaches its listeners; one that does not fit the contract does not leave', async () => {
  const { client, far } = connect({});
  const heard = new Promise((resolve) => client.on('session.changed', resolve));
  far.sendJson(pushed('session.changed', { phase: 'idle' }));
  expect(await heard).toEqual({ phase: 'idle' });
  expect(() => pushed('session.changed', { phase: 'lost' } as never)).toThrow();
});

test('calls under way are rejected when the channel closes', async () => {
  const { client } = connect({ 'media.demand': () => new Promise(() => {}) });
  const pending = client.invoke('media.demand');
  client.close();
  await expect(pending).rejects.toMatchObject({ code: 'ipc.disconnected' });
  await expect(client.invoke('media.demand')).rejects.toMatchObject({ code: 'ipc.disconnected' });
});
