/**
 * Notices that the network is back: the system has an address it did not have, or the machine has woken up. The page and
 * the shell have ways of their own to hear of it, and `report` it.
 */
import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os';

const EVERY_MS = 1_000;
/** a timer that comes so late was asleep */
const ASLEEP_MS = 10_000;
/** Word of it comes from several sides, and from a flapping link again and again: it is passed on at once, then no more often. */
export const REPORT_EVERY_MS = 2_000;

type Interfaces = ReturnType<typeof networkInterfaces>;

export class NetworkWatch {
  readonly #onBack: () => void;
  readonly #timer: NodeJS.Timeout;
  /** word was passed on just now */
  #pause: NodeJS.Timeout | null = null;
  /** … and has come again since, which must not be lost */
  #again = false;

  /** @param read the system's interfaces; it may throw @param nowMs the time of day */
  constructor(onBack: () => void, read: () => Interfaces = networkInterfaces, nowMs: () => number = Date.now) {
    this.#onBack = onBack;
    let known = tryRead(read);
    let beforeMs = nowMs();
    this.#timer = setInterval(() => {
      const interfaces = tryRead(read) ?? known;
      const atMs = nowMs();
      const slept = atMs - beforeMs > ASLEEP_MS;
      const back = known !== null && interfaces !== null && isBack(known, interfaces);
      known = interfaces;
      beforeMs = atMs;
      if (slept || back) this.report();
    }, EVERY_MS);
  }

  /** Somebody says that the network is back. */
  report(): void {
    this.#again = this.#pause !== null;
    if (this.#pause) return;
    this.#pause = setTimeout(() => {
      this.#pause = null;
      if (this.#again) this.report();
    }, REPORT_EVERY_MS);
    this.#onBack();
  }

  dispose(): void {
    clearInterval(this.#timer);
    if (this.#pause) clearTimeout(this.#pause);
  }
}

/** Null where the system does not tell, as sandboxes and an exhausted netlink do for a while. */
function tryRead(read: () => Interfaces): Interfaces | null {
  try {
    return read();
  } catch {
    return null;
  }
}

/** Whether there is an address towards others that was not there before. */
export function isBack(before: Interfaces, now: Interfaces): boolean {
  const known = new Set(usable(before));
  return usable(now).some((address) => !known.has(address));
}

/** Addresses that lead out of the machine and beyond its own segment (RFC 3927, RFC 4291 2.5.6). */
function usable(interfaces: Interfaces): string[] {
  const leadsOut = ({ address, internal }: NetworkInterfaceInfo) =>
    !internal && !address.startsWith('169.254.') && !/^fe[89ab]/i.test(address);
  return Object.values(interfaces).flatMap((addresses) => (addresses ?? []).filter(leadsOut).map(({ address }) => address));
}
