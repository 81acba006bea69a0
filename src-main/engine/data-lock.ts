/**
 * One engine per data directory. The lock is a listening local socket, because the system frees it with its owner,
 * even after a SIGKILL; a file with a process id would outlive its owner and the id be given to another.
 */
import { createHash } from 'node:crypto';
import { realpathSync, rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StudioError } from '../../src-shared/errors.ts';

/** sun_path of sockaddr_un is 104 bytes on macOS and 108 on Linux, with the final zero */
const SOCKET_PATH_MAX = 100;

export interface DataLock {
  release(): Promise<void>;
}

/** @throws StudioError store.in-use when another engine holds the directory */
export async function lockDataDirectory(directory: string): Promise<DataLock> {
  const address = lockAddress(directory);
  let server = await listen(address);
  if (!server && !(await answers(address))) {
    rmSync(address, { force: true }); // left by a killed engine
    server = await listen(address);
  }
  if (!server) {
    throw new StudioError(
      'store.in-use',
      `Another Tidecast is using the data folder ${directory}. Close it first, or choose another folder with --data-dir.`,
    );
  }
  const held = server;
  return { release: () => new Promise((resolve) => held.close(() => resolve())) };
}

function lockAddress(directory: string): string {
  const real = realpathSync(directory);
  const hash = createHash('sha256').update(real).digest('hex').slice(0, 24);
  if (process.platform === 'win32') return `\\\\.\\pipe\\tidecast-${hash}`;
  const inside = join(real, 'engine.lock');
  return Buffer.byteLength(inside) <= SOCKET_PATH_MAX ? inside : join(tmpdir(), `tidecast-${hash}.lock`);
}

function listen(address: string): Promise<Server | null> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', (error: NodeJS.ErrnoException) => (error.code === 'EADDRINUSE' ? resolve(null) : reject(error)));
    server.listen(address, () => {
      server.unref();
      resolve(server);
    });
  });
}

function answers(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(address);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
