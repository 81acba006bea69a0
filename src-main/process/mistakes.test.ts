import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';

const module = JSON.stringify(new URL('./mistakes.ts', import.meta.url).href);

test.each([
  ['setImmediate(() => { throw new Error("out of range"); })', /^engine: uncaughtException: Error: out of range\n +at /m],
  ['void Promise.reject(new Error("out of range"))', /^engine: unhandledRejection: Error: out of range\n +at /m],
])('a crash names itself and ends the process: %s', (crash, expected) => {
  const script = `import { nameCrash } from ${module}; nameCrash('engine'); ${crash};`;
  const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], { encoding: 'utf8' });
  expect(stderr).toMatch(expected);
  expect(status).toBe(1);
});

const outliving = (then: string) =>
  `import { nameCrash, outliveMistakes } from ${module}; nameCrash('engine'); outliveMistakes((error) => console.log('told:', error.message)); ${then}`;
const play = (script: string) => spawnSync(process.execPath, ['--input-type=module', '--eval', script], { encoding: 'utf8' });

test('a mistake is told and outlived, wherever it was thrown', () => {
  const { status, stdout } = play(
    outliving(
      `setImmediate(() => { throw new Error('one'); }); void Promise.reject(new Error('two')); setTimeout(() => console.log('alive'), 50);`,
    ),
  );
  expect(stdout.trim().split('\n').sort()).toEqual(['alive', 'told: one', 'told: two']);
  expect(status).toBe(0);
});

test('a process that does nothing but fail ends', () => {
  const { status, stdout, stderr } = play(outliving(`setInterval(() => { throw new Error('again'); }, 1);`));
  expect(stdout.match(/told: again/g)).toHaveLength(20);
  expect(stderr).toContain('20 mistakes within 10 s');
  expect(status).toBe(1);
});
