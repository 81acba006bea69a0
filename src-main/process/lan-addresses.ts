/** Addresses of this machine that others in its network reach. */
import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os';

/** of containers and virtual machines: nobody outside reaches them */
const VIRTUAL = /^(docker|br-|veth|virbr|vmnet|vboxnet|vEthernet|utun|tun|tap|zt|tailscale)/i;
const PRIVATE = /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.)/;
const LINK_LOCAL = /^169\.254\./;

/** @returns IPv4 addresses, the likeliest first: what a router gives to a computer at home or in an office */
export function lanAddresses(interfaces: NodeJS.Dict<NetworkInterfaceInfo[]> = networkInterfaces()): string[] {
  const found = Object.entries(interfaces).flatMap(([name, infos = []]) =>
    infos
      .filter(({ family, internal, address }) => family === 'IPv4' && !internal && !LINK_LOCAL.test(address))
      .map(({ address }) => ({ name, address })),
  );
  const unlikely = ({ name, address }: { name: string; address: string }) => (VIRTUAL.test(name) ? 2 : 0) + (PRIVATE.test(address) ? 0 : 1);
  return found.toSorted((a, b) => unlikely(a) - unlikely(b)).map(({ address }) => address);
}
