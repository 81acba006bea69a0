import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';

const module = JSON.stringify(new URL('./name-crash.ts', import.meta.url).href);

test.each([
  ['setImmediate(() => { throw new Error("out of range"); })', /^engine: uncaughtException: Error: out of range\n +at /m],
  ['void Promise.reject(new Error("out of range"))', /^engine: unhandledRejection: Error: out of range\n +at /m],
])('a crash names itself and ends the process: %s', (crash, expected) => {
  const script = `import { nameCrash } from ${module}; nameCrash('engine'); ${crash};`;
  const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], { encoding: 'utf8' });
  expect(stderr).toMatch(expected);
  expect(status).toBe(1);
});
