import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findStaticFile } from './static-files.ts';

let root: string;
beforeAll(async () => {
  const base = await mkdtemp(join(tmpdir(), 'tidecast-static-'));
  root = join(base, 'site');
  await mkdir(join(root, 'deep'), { recursive: true });
  await writeFile(join(base, 'secret.txt'), 'no');
  await writeFile(join(base, 'site-beside.txt'), 'no');
  await writeFile(join(root, 'index.html'), '<p>');
  await writeFile(join(root, 'deep', 'a b.js'), '1');
});
afterAll(() => rm(join(root, '..'), { recursive: true }));

test('serves a file with its type, and index.html for a folder', async () => {
  expect(await findStaticFile(root, '/')).toMatchObject({ contentType: 'text/html; charset=utf-8', sizeBytes: 3 });
  expect(await findStaticFile(root, '/deep/a%20b.js')).toMatchObject({ contentType: 'text/javascript; charset=utf-8' });
});

test.each([
  '/../secret.txt',
  '/%2e%2e/secret.txt',
  '/deep/..%2f..%2fsecret.txt',
  '/../site-beside.txt',
  '/nothing.js',
  '/deep',
  '/%00',
  '/%zz',
])('gives nothing for %s', async (path) => {
  expect(await findStaticFile(root, path)).toBeNull();
});
