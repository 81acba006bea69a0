/** A link without namespaces: the product's own shaping relay (link-relay.ts), one in front of each receiver. */
import { LinkRelay, type LinkShape } from '../../../src-main/engine/link/link-relay.ts';
import { opportunitiesBetween, traceOf } from '../../../src-main/engine/link/trace.ts';
import { answerOrders } from './answering.ts';
import type { LinkDirection } from './link-queue.ts';

const relays: LinkRelay[] = [];
let direction: LinkDirection = { delayMs: 0, bufferBytes: 0, lossPct: 0 };
let shape: LinkShape | null = null;

answerOrders({
  configure: (given: LinkDirection) => {
    direction = given;
    shape = shapeOf(null);
  },
  open: async (port: number) => {
    const relay = await LinkRelay.open({ upstream: () => ({ host: '127.0.0.1', port }), shape, log: () => {} });
    relays.push(relay);
    return relay.port;
  },
  follow: (timesMs: number[] | null) => {
    shape = shapeOf(timesMs);
    for (const relay of relays) relay.setShape(shape);
    return nowMs();
  },
  cut: (isCut: boolean) => {
    for (const relay of relays) relay.setOutage(isCut ? 'silent' : null);
    return nowMs();
  },
  connections: () => relays.reduce((sum, { state }) => sum + state.connections, 0),
});

function shapeOf(timesMs: number[] | null): LinkShape {
  const trace = timesMs && traceOf(timesMs);
  const unlimited = () => Number.MAX_SAFE_INTEGER;
  const schedule = {
    opportunitiesBetween: trace ? (fromMs: number, toMs: number) => opportunitiesBetween(trace, fromMs, toMs) : unlimited,
  };
  return { schedule, bufferBytes: direction.bufferBytes, delayMs: direction.delayMs };
}

function nowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
