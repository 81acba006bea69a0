/** Processes that the system does not start: whoever waits for their end must hear of it. */
import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { NodeServiceHost } from '../../src-main/process/service.ts';

type Exit = { code: number | null; signal: string | null };

test.each([
  ['a program that does not exist', new NodeServiceHost('/nonexistent/node'), {}],
  // More than execve(2) takes in one string: fork throws at once.
  ['an environment that is too large', new NodeServiceHost(), { TOO_LARGE: 'x'.repeat(40_000_000) }],
])('%s: told once, as the end of the process', async (_what, host, env) => {
  const service = host.start('server', { env });
  const exits: Exit[] = [];
  const first = new Promise<Exit>((resolve) => service.onExit(resolve));
  service.onExit((how) => exits.push(how));
  expect(exits).toEqual([]);
  service.send({ type: 'stop' });
  service.kill('SIGKILL');
  expect(await first).toEqual({ code: expect.any(Number), signal: null });
  await setImmediate();
  expect(exits).toEqual([await first]);
  expect((await first).code).toBeLessThan(0);
  expect(service.pid).toBeUndefined();
  const late = new Promise<Exit>((resolve) => service.onExit(resolve));
  expect(await late).toEqual(await first);
});
