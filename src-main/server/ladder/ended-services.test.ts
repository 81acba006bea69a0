import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import type { ServiceHost } from '../../process/service.ts';
import { EndedServices } from './ended-services.ts';

test('a process that hangs has ended when the server has', async () => {
  const child = spawn('sleep', ['60'], { stdio: 'ignore' });
  await once(child, 'spawn');
  child.kill('SIGSTOP'); // it hears nothing any more
  const service = {
    pid: child.pid,
    kill: (signal: NodeJS.Signals) => child.kill(signal),
    onExit: (listener: (how: unknown) => void) => child.on('exit', (code, signal) => listener({ code, signal })),
  };
  const services = new EndedServices({ start: () => service } as unknown as ServiceHost);
  services.start('ladder');
  await services.endAll();
  expect(child.signalCode).toBe('SIGKILL');
  await services.endAll(); // nothing is left
});
