/** The way from a rehearsal's publisher to the embedded live server: through a made-up uplink, or straight on. */
import type { LinkProfileId, LinkState, RatePolicy } from '../../../src-shared/domain/index.ts';
import { LinkRelay, type LinkShape } from '../link/link-relay.ts';
import { LINK_PROFILES } from '../link/profiles.ts';
import { opportunitiesBetween } from '../link/trace.ts';
import type { Log } from '../log.ts';
import type { LiveServerSupervisor } from '../server/live-server-supervisor.ts';

export class RehearsalUplink {
  /** the policy that is tried, of this rehearsal only; null: the destination's own */
  readonly rate: RatePolicy | null;
  readonly #relay: LinkRelay;
  readonly #server: LiveServerSupervisor;
  #profile: LinkProfileId | null;

  private constructor(relay: LinkRelay, server: LiveServerSupervisor, profile: LinkProfileId | null, rate: RatePolicy | null) {
    this.#relay = relay;
    this.#server = server;
    this.#profile = profile;
    this.rate = rate;
  }

  /** @throws StudioError server.unavailable */
  static async open(
    server: LiveServerSupervisor,
    profile: LinkProfileId | null,
    rate: RatePolicy | null,
    log: Log,
  ): Promise<RehearsalUplink> {
    let { rtmpUrl } = await server.whenRunning();
    const upstream = () => {
      rtmpUrl = server.running?.rtmpUrl ?? rtmpUrl; // it may come back at another port
      const { hostname, port } = new URL(rtmpUrl);
      return { host: hostname, port: Number(port) };
    };
    const relay = await LinkRelay.open({ upstream, shape: profile && shapeOf(profile), log: (line) => log.debug(line) });
    return new RehearsalUplink(relay, server, profile, rate);
  }

  /** The live server's address as it is reached over the link. @throws StudioError server.unavailable */
  async url(): Promise<string> {
    const url = new URL((await this.#server.whenRunning()).rtmpUrl);
    return `${url.protocol}//127.0.0.1:${this.#relay.port}${url.pathname}`;
  }

  /** Null while nothing is made up. */
  get state(): LinkState | null {
    const { capacityKbps, bufferedMs } = this.#relay.state;
    return this.#profile && { profile: this.#profile, capacityKbps, bufferedMs };
  }

  /** From now on, from the other link's beginning; the connection stays. */
  change(profile: LinkProfileId | null): void {
    this.#profile = profile;
    this.#relay.setShape(profile && shapeOf(profile));
  }

  close(): Promise<void> {
    return this.#relay.close();
  }
}

function shapeOf(profile: LinkProfileId): LinkShape {
  const { seed, delayMs, bufferBytes, generate } = LINK_PROFILES[profile];
  const trace = generate(seed);
  return { schedule: { opportunitiesBetween: (fromMs, toMs) => opportunitiesBetween(trace, fromMs, toMs) }, bufferBytes, delayMs };
}
