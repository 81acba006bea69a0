/** All that this server fetches from others and passes on to others. */
import { hostname, networkInterfaces } from 'node:os';
import type { ServerOptions } from '../../process/server-contract.ts';
import { STREAM_NAME } from '../access/stream-keys.ts';
import type { Hub } from '../hub/hub.ts';
import type { LiveStream } from '../hub/live-stream.ts';
import type { ServerLimits } from '../limits.ts';
import { isLoopback } from '../out/host-check.ts';
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
export function planRelays(options: ServerOptions): RelayPlan {
  const { streams, edges = [], forwards = [] } = options;
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
  if ([...plan.edges, ...plan.forwards].some(({ address }) => isOurselves(address, options)))
    throw new RangeError('An --edge or a --forward leads to another server: this address is the server’s own.');
  return plan;
}

/** A stream that is fetched from where it is served, or sent back there, would go round for ever. */
function isOurselves({ protocol, host, port }: RelayAddress, { rtmpPort, httpPort, tls }: ServerOptions): boolean {
  const ports = protocol === 'rtmp' ? [rtmpPort, tls?.rtmpsPort] : [httpPort];
  if (!ports.includes(port)) return false;
  const own = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return isLoopback(host) || host.toLowerCase() === hostname().toLowerCase() || own.some(({ address }) => address === host);
}

export class Relays {
  readonly #plan: RelayPlan;
  readonly #hub: Hub;
  readonly #limits: ServerLimits;
  readonly #log: (line: string) => void;
  readonly #running = new Map<Relay, { stream: LiveStream; relay: Edge | Forward }>();
  readonly #ticker: NodeJS.Timeout;

  /** @param log takes a line for each connection that broke or could not be made; no keys in it */
  constructor(plan: RelayPlan, hub: Hub, limits: ServerLimits, log: (line: string) => void) {
    this.#plan = plan;
    this.#hub = hub;
    this.#limits = limits;
    this.#log = log;
    this.#ticker = setInterval(() => {
      for (const { relay } of this.#running.values()) relay.tick();
    }, LOOK_EVERY_MS);
    this.follow();
  }

  /** The hub may serve other streams now: those that are still the same keep their connections. */
  follow(): void {
    for (const planned of this.#plan.edges) this.#follow(planned, Edge);
    for (const planned of this.#plan.forwards) this.#follow(planned, Forward);
  }

  close(): void {
    clearInterval(this.#ticker);
    for (const { relay } of this.#running.values()) relay.close();
  }

  #follow(planned: Relay, Kind: typeof Edge | typeof Forward): void {
    const running = this.#running.get(planned);
    const stream = this.#hub.stream(planned.name);
    if (running && running.stream === stream) return;
    running?.relay.close();
    this.#running.delete(planned);
    if (stream) this.#running.set(planned, { stream, relay: new Kind(stream, planned.address, this.#limits, this.#log, this.#hub.id) });
  }
}
