/**
 * The link's process: two TUN devices in two network namespaces, and between them what no kernel here can play (rate by a
 * trace, delay, loss, a buffer, outages). Started inside the first namespace; arguments: a JSON object (LinkArguments).
 * Reads LinkOrder as lines of JSON on its standard input, ends with it, and says `ready` once packets pass.
 * One loop on system calls, without Node's event loop: a packet must not wait for anything but its time.
 */
import { execFileSync } from 'node:child_process';
import { readSync, writeSync } from 'node:fs';
import { setPriority } from 'node:os';
import { traceOf } from '../../../src-main/engine/link/trace.ts';
import { LinkQueue } from './link-queue.ts';
import type { LinkArguments, LinkOrder, LinkReport } from './protocol.ts';
import { Poll, TunDevice } from './tun.ts';

const STDIN = 0;
const STDOUT = 1;
const MTU_BYTES = 1_500;
/** the longest sleep: how late an order may be heeded if it fails to wake us */
const SLEEP_MAX_MS = 100;
const PRIORITY = -15;
const NO_LIMIT = { bufferBytes: Number.POSITIVE_INFINITY, lossPct: 0 };

const given = JSON.parse(process.argv[2] ?? '') as LinkArguments;
setPriority(PRIORITY);
const near = new TunDevice(given.near.device);
const far = new TunDevice(given.far.device);
configure();

const up = new LinkQueue<Buffer>(given.direction);
const down = new LinkQueue<Buffer>({ ...NO_LIMIT, delayMs: given.direction.delayMs });
const poll = new Poll([near.fd, far.fd, STDIN]);
let unread = '';
say({ type: 'ready' });
for (;;) {
  const [fromNear, fromFar, ordered] = poll.wait(Math.min(SLEEP_MAX_MS, Math.max(0, Math.min(up.nextMs, down.nextMs) - nowMs())));
  if (fromNear) drain(near, up);
  if (fromFar) drain(far, down);
  if (ordered) readOrders();
  for (const packet of up.take(nowMs())) far.write(packet);
  for (const packet of down.take(nowMs())) near.write(packet);
}

function nowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

function drain(device: TunDevice, queue: LinkQueue<Buffer>): void {
  for (let packet = device.read(); packet; packet = device.read()) if (isIpv4(packet)) queue.offer(packet, nowMs());
}

/** what a fresh device says of itself over IPv6 is no part of the test */
function isIpv4(packet: Buffer): boolean {
  return (packet[0] ?? 0) >> 4 === 4;
}

function configure(): void {
  const ip = (...args: string[]) => execFileSync('ip', args);
  ip('link', 'set', given.far.device, 'netns', given.far.namespace);
  for (const { namespace, device, address } of [given.near, given.far]) {
    ip('-n', namespace, 'addr', 'add', `${address}/24`, 'dev', device);
    ip('-n', namespace, 'link', 'set', device, 'mtu', String(MTU_BYTES), 'up');
  }
}

function readOrders(): void {
  const bytes = Buffer.alloc(65_536);
  const count = readSync(STDIN, bytes);
  if (count === 0) process.exit(0);
  const lines = (unread + bytes.toString('utf8', 0, count)).split('\n');
  unread = lines.pop() ?? '';
  for (const line of lines) obey(JSON.parse(line) as LinkOrder);
}

function obey(order: LinkOrder): void {
  switch (order.type) {
    case 'follow': {
      const trace = order.timesMs && traceOf(order.timesMs);
      const startMs = nowMs();
      up.follow(trace, startMs);
      return say({ type: 'follows', startMs });
    }
    case 'cut':
      for (const queue of [up, down]) queue.cut(order.isCut);
      return say({ type: 'cut', atMs: nowMs() });
  }
}

function say(report: LinkReport): void {
  writeSync(STDOUT, `${JSON.stringify(report)}\n`);
}
