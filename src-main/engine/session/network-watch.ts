/** Notices that the network is back: the system has an address it did not have, or the machine has woken up. */
import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os';

const EVERY_MS = 1_000;
/** a timer that comes so late was asleep */
const ASLEEP_MS = 10_000;

type Interfaces = ReturnType<typeof networkInterfaces>;

export class NetworkWatch {
  readonly #timer: NodeJS.Timeout;

  /** @param read the system's interfaces, and the time in milliseconds */
  constructor(onBack: () => void, read = () => ({ interfaces: networkInterfaces(), atMs: Date.now() })) {
    let before = read();
    this.#timer = setInterval(() => {
      const now = read();
      const slept = now.atMs - before.atMs > ASLEEP_MS;
      if (slept || isBack(before.interfaces, now.interfaces)) onBack();
      before = now;
    }, EVERY_MS);
  }

  dispose(): void {
    clearInterval(this.#timer);
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
