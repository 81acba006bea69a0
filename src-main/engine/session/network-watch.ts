/** Notices that the network is back: the system has an address it did not have, or the machine has woken up. */
import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os';

const EVERY_MS = 1_000;
/** a timer that comes so late was asleep */
const ASLEEP_MS = 10_000;

type Interfaces = ReturnType<typeof networkInterfaces>;

export class NetworkWatch {
  readonly #timer: NodeJS.Timeout;

  /** @param read the system's interfaces; it may throw @param nowMs the time of day */
  constructor(onBack: () => void, read: () => Interfaces = networkInterfaces, nowMs: () => number = Date.now) {
    let known = tryRead(read);
    let beforeMs = nowMs();
    this.#timer = setInterval(() => {
      const interfaces = tryRead(read) ?? known;
      const atMs = nowMs();
      const slept = atMs - beforeMs > ASLEEP_MS;
      const back = known !== null && interfaces !== null && isBack(known, interfaces);
      known = interfaces;
      beforeMs = atMs;
      if (slept || back) onBack();
    }, EVERY_MS);
  }

  dispose(): void {
    clearInterval(this.#timer);
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
