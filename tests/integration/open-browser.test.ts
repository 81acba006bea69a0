/** `--open` in a real host, with a launcher of ours in the place of the desktop's. */
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { expect, test } from 'vitest';
import { startHost } from '../support/engine-harness.ts';

test.runIf(process.platform === 'linux')('the browser is led to the studio without the token in a command line', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'tidecast-open-'));
  const told = join(directory, 'told');
  writeFileSync(join(directory, 'xdg-open'), `#!/bin/sh\nprintf '%s' "$*" > '${told}.new' && mv '${told}.new' '${told}'\n`);
  chmodSync(join(directory, 'xdg-open'), 0o700);
  const path = process.env['PATH'];
  process.env['PATH'] = `${directory}${delimiter}${path}`;
  const host = await startHost({ args: ['--open'] }).finally(() => (process.env['PATH'] = path));

  await expect.poll(() => existsSync(told), { timeout: 10_000 }).toBe(true);
  const file = readFileSync(told, 'utf8');
  expect(file).toBe(join(host.dataDirectory, 'open-studio.html'));
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readFileSync(file, 'utf8')).toContain(`url=${host.origin}/#token=${host.token}"`);
  expect(await host.stop()).toBe(0);
  expect(existsSync(file)).toBe(false);
  rmSync(directory, { recursive: true });
});
