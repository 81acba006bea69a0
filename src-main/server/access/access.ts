/** Who may publish and who may play: keys first, then the operator's hook, and neither for who has guessed too often. */
import type { AddressLimits } from './address-limits.ts';
import { Hook, type HookForm } from './hook.ts';
import { parsePlayPath, STREAM_NAME, type StreamKeys } from './stream-keys.ts';

/** Who asks, as far as it is known. */
export interface Peer {
  address: string | undefined;
  protocol: 'rtmp' | 'rtmps' | 'http-flv' | 'websocket-flv' | 'hls';
  tcUrl?: string;
  flashVersion?: string;
}

/** `busy`: the hook is asked too much already, so that it was not asked this time */
export type Refusal = 'not-found' | 'wrong-key' | 'hook' | 'locked-out' | 'busy';
export type Verdict = { allowed: true; stream: string } | { allowed: false; reason: Refusal };

export interface AccessOptions {
  keys: StreamKeys;
  addresses: AddressLimits;
  onPublish: string | null;
  onPlay: string | null;
  limits: { hookMs: number; hooksMax: number };
}

/** the one application of this server: rtmp://host:port/live */
export const APP = 'live';

export class Access {
  readonly #keys: StreamKeys;
  readonly #addresses: AddressLimits;
  readonly #onPublish: Hook | null;
  readonly #onPlay: Hook | null;

  /** @throws RangeError for a hook that is no http or https address */
  constructor({ keys, addresses, onPublish, onPlay, limits }: AccessOptions) {
    this.#keys = keys;
    this.#addresses = addresses;
    this.#onPublish = onPublish === null ? null : new Hook(onPublish, limits);
    this.#onPlay = onPlay === null ? null : new Hook(onPlay, limits);
  }

  /**
   * @param playPath as the publisher gave it: `<name>?key=<key>`, or the key alone
   * @returns at once unless a hook is asked
   */
  publish(playPath: string, peer: Peer): Verdict | Promise<Verdict> {
    const name = this.#keys.authorise(playPath);
    const isOpen = name !== null && !this.#keys.needsKey(name); // to be decided by a hook, or by nobody
    const stream = this.#keyed(peer.address, isOpen && !this.#onPublish ? null : name);
    if (!stream.allowed || !this.#onPublish) return stream;
    return this.#ask(this.#onPublish, 'publish', stream, parsePlayPath(playPath).key ?? playPath, peer);
  }

  /** @param key the stream's play key, where it has one */
  play(name: string, key: string | null, peer: Peer): Verdict | Promise<Verdict> {
    const stream = this.opens(name, key, peer.address);
    if (!stream.allowed || !this.#onPlay) return stream;
    return this.#ask(this.#onPlay, 'play', stream, key ?? '', peer);
  }

  /** Whether the key is the one to play this stream, where it needs one; what a hook would say is not asked. */
  opens(name: string, key: string | null, address: string | undefined): Verdict {
    if (!STREAM_NAME.test(name) || !this.#keys.has(name)) return { allowed: false, reason: 'not-found' };
    if (!this.#keys.needsPlayKey(name)) return { allowed: true, stream: name };
    if (!key) return { allowed: false, reason: 'wrong-key' }; // no guess: pages that were opened without one ask again and again
    return this.#keyed(address, this.#keys.opensPlay(name, key) ? name : null);
  }

  /** Not everyone may play it, so that whoever was let in has to be known by more than the stream's name. */
  isPrivate(name: string): boolean {
    return this.#onPlay !== null || this.#keys.needsPlayKey(name);
  }

  /** Another one when the play key is another: what was given out for the old one opens nothing any more. */
  playGrant(name: string): string {
    return `${name} ${this.#keys.playKeyHash(name)}`;
  }

  #keyed(address: string | undefined, stream: string | null): Verdict {
    const nowMs = performance.now();
    if (this.#addresses.isLockedOut(address, nowMs)) return { allowed: false, reason: 'locked-out' };
    if (stream !== null) return { allowed: true, stream };
    this.#addresses.noteWrongKey(address, nowMs);
    return { allowed: false, reason: 'wrong-key' };
  }

  async #ask(hook: Hook, call: HookForm['call'], verdict: Verdict & { allowed: true }, key: string, peer: Peer): Promise<Verdict> {
    const { address: addr = '', protocol, tcUrl: tcurl = '', flashVersion: flashver = '' } = peer;
    const leavePlace = this.#addresses.takeHook(peer.address, performance.now());
    if (!leavePlace) return { allowed: false, reason: 'busy' };
    const answer = await hook.ask({ call, app: APP, name: verdict.stream, addr, key, protocol, tcurl, flashver });
    leavePlace();
    return answer === 'yes' ? verdict : { allowed: false, reason: answer === 'busy' ? 'busy' : 'hook' };
  }
}
