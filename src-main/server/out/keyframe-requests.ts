/** Who asks for keyframes, and how often: one address must not make an encoder send nothing else. */

/** so many addresses are remembered; who asks most seldom is forgotten first */
const ADDRESSES_MAX = 10_000;

export class KeyframeRequests {
  readonly #limits: { keyframeRequestsMax: number; keyframeRequestsMs: number };
  readonly #askedAtMs = new Map<string, number[]>();

  constructor(limits: { keyframeRequestsMax: number; keyframeRequestsMs: number }) {
    this.#limits = limits;
  }

  /** @returns whether this request counts */
  admit(address: string, nowMs: number): boolean {
    const { keyframeRequestsMax, keyframeRequestsMs } = this.#limits;
    const recent = (this.#askedAtMs.get(address) ?? []).filter((atMs) => nowMs - atMs < keyframeRequestsMs);
    this.#askedAtMs.delete(address); // behind all others, now that it asked
    const isAdmitted = recent.length < keyframeRequestsMax;
    this.#askedAtMs.set(address, isAdmitted ? [...recent, nowMs] : recent);
    if (this.#askedAtMs.size > ADDRESSES_MAX) this.#askedAtMs.delete(this.#askedAtMs.keys().next().value as string);
    return isAdmitted;
  }
}
