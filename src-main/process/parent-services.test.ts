import { MessageChannel } from 'node:worker_threads';
import { afterEach, expect, test } from 'vitest';
import { messagePortChannel, type PortLike } from '../../src-shared/ipc/message-port-channel.ts';
import { connectParent } from './parent.ts';
import { PARENT_PORT, PARENT_PORT_ENV, ParentServiceHost, type ServiceRequest, servicePort } from './parent-services.ts';

type ParentPortListener = (event: { data: unknown; ports: PortLike[] }) => void;

const opened: MessageChannel[] = [];
afterEach(() => {
  for (const { port1 } of opened.splice(0)) port1.close();
  delete (process as { parentPort?: unknown }).parentPort;
  delete process.env['TIDECAST_PARENT'];
});

/** The shell's part: starts nothing, but hands the two ends of a channel over as the protocol says. */
function shell() {
  const { port1, port2 } = new MessageChannel();
  opened.push({ port1, port2 });
  const requests: ServiceRequest[] = [];
  const services = new ParentServiceHost({ send: (request) => void requests.push(request) });
  const childListeners: ParentPortListener[] = [];
  (process as { parentPort?: unknown }).parentPort = {
    postMessage: () => {},
    on: (_: string, listener: ParentPortListener) => void childListeners.push(listener),
  };
  Object.assign(process.env, PARENT_PORT_ENV);
  const connect = () => {
    for (const listener of childListeners) listener({ data: { tidecastPort: PARENT_PORT }, ports: [port2 as unknown as PortLike] });
    return services.port(servicePort(1), messagePortChannel(port1 as unknown as PortLike));
  };
  return { services, requests, connect };
}

test('engine and child talk over the port they were handed; what was sent before it waits', async () => {
  const { services, requests, connect } = shell();
  const service = services.start<{ ask: bigint }, { answer: Uint8Array }>('encoder', { args: ['a'], env: { B: 'c' } });
  expect(requests).toEqual([{ type: 'service.start', id: 1, name: 'encoder', args: ['a'], env: { B: 'c', TIDECAST_PARENT: 'port' } }]);
  service.send({ ask: 7n });
  const child = connectParent<{ answer: Uint8Array }, { ask: bigint }>();
  child?.onMessage(({ ask }) => child.send({ answer: new Uint8Array([Number(ask)]) }));

  const answered = new Promise<{ answer: Uint8Array }>((resolve) => service.onMessage(resolve));
  expect(connect()).toBe(true);
  expect((await answered).answer).toEqual(new Uint8Array([7]));
});

test('what comes before the child listens waits for it: it may load what it needs first', async () => {
  const { services, connect } = shell();
  const service = services.start<number, number>('encoder');
  const child = connectParent<number, number>();
  connect();
  service.send(1);
  service.send(2);
  await new Promise((resolve) => setTimeout(resolve, 20));
  const heard: number[] = [];
  await new Promise<void>((resolve) => child?.onMessage((message) => void (heard.push(message) === 3 && resolve())) ?? service.send(3));
  expect(heard).toEqual([1, 2, 3]);
});

test('start and end are told, and a kill is asked for', () => {
  const { services, requests } = shell();
  const service = services.start('server');
  services.notice({ type: 'service.started', id: 1, pid: 42 });
  expect(service.pid).toBe(42);
  service.kill('SIGKILL');
  expect(requests.at(-1)).toEqual({ type: 'service.kill', id: 1, signal: 'SIGKILL' });
  const ends: unknown[] = [];
  service.onExit((how) => ends.push(how));
  services.notice({ type: 'service.exit', id: 1, code: 9 });
  service.onExit((how) => ends.push(how));
  expect(ends).toEqual([
    { code: 9, signal: null },
    { code: 9, signal: null },
  ]);
  expect(services.port(servicePort(1), messagePortChannel(new MessageChannel().port1 as unknown as PortLike))).toBe(false);
});
