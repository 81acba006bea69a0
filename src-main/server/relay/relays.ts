/** All that this server fetches from others and passes on to others. */
import type { ServerOptions } from '../../process/server-contract.ts';
import { STREAM_NAME } from '../access/stream-keys.ts';
import type { Hub } from '../hub/hub.ts';
import type { ServerLimits } from '../limits.ts';
import { parseRelayAddress, type RelayAddress } from './address.ts';
import { Edge } from './edge.ts';
import { Forward } from './forward.ts';

const LOOK_EVERY_MS = 500;

interface Relay {
  name: string;
  address: RelayAddress;
}

export interface RelayPlan {
  edges: readonly Relay[];
  forwards: readonly Relay[];
}

/** @throws RangeError for an address that is none, a name that is none or comes twice, or a stream that is not served */
export function planRelays({ streams, edges = [], forwards = [] }: ServerOptions): RelayPlan {
  const served = new Set(streams.map(({ name }) => name));
  for (const { name } of edges) {
    if (!STREAM_NAME.test(name)) throw new RangeError('A stream name has 1 to 64 letters, digits, hyphens or underscores.');
    if (served.has(name)) throw new RangeError(`The stream name ${name} is used twice.`);
    served.add(name);
  }
  const unknown = forwards.find(({ name }) => !served.has(name));
  if (unknown) throw new RangeError(`There is no stream ${unknown.name} to forward.`);
  const plan = {
    edges: edges.map(({ name, from }) => ({ name, address: parseRelayAddress(from) })),
    forwards: forwards.map(({ name, to }) => ({ name, address: parseRelayAddress(to) })),
  };
  if (plan.forwards.some(({ address }) => address.protocol !== 'rtmp'))
    throw new RangeError('Streams are forwarded by RTMP: the address must begin with rtmp:// or rtmps://.');
  return plan;
}

/**
 * Streams that are not served any more are left out.
 * @param log takes a line for each connection that broke or could not be made; no keys in it
 */
export function startRelays(
  { edges, forwards }: RelayPlan,
  hub: Hub,
  limits: ServerLimits,
  log: (line: string) => void,
): { close(): void } {
  const start = (relays: readonly Relay[], Kind: typeof Edge | typeof Forward) =>
    relays.flatMap(({ name, address }) => {
      const stream = hub.stream(name);
      return stream ? [new Kind(stream, address, limits, log)] : [];
    });
  const all = [...start(edges, Edge), ...start(forwards, Forward)];
  const ticker = setInterval(() => {
    for (const relay of all) relay.tick();
  }, LOOK_EVERY_MS);
  return {
    close: () => {
      clearInterval(ticker);
      for (const relay of all) relay.close();
    },
  };
}
