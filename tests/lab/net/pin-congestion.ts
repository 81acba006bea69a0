/**
 * Pins the TCP congestion control of every connection this process opens. By socket, not by namespace: systems keep cubic,
 * of all, from namespaces (net.ipv4.tcp_allowed_congestion_control), but grant it to root's sockets.
 */
import { subscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import koffi from 'koffi';

const IPPROTO_TCP = 6;
/** linux/tcp.h */
const TCP_CONGESTION = 13;

/** @param name as in net.ipv4.tcp_available_congestion_control. A socket that does not take it is destroyed: a test must not measure another. */
export function pinCongestionControl(name: string): void {
  const libc = koffi.load('libc.so.6');
  const setsockopt = libc.func('int setsockopt(int fd, int level, int name, const char *value, unsigned int length)');
  subscribe('net.client.socket', (message) => {
    const { socket } = message as { socket: Socket & { _handle?: { fd?: number } } };
    socket.once('connect', () => {
      const fd = socket._handle?.fd ?? -1;
      if (fd < 0 || setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name, name.length) === 0) return; // no fd: a local pipe
      socket.destroy(new Error(`the system does not give this socket TCP ${name} (errno ${koffi.errno()})`));
    });
  });
}
