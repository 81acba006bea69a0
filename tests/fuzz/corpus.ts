/** Inputs that are kept: tests/fixtures/fuzz/TARGET/*.bin, and the recordings of real publishers. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { repoRoot } from '../support/find-tools.ts';

export const CORPUS_FOLDER = join(repoRoot, 'tests/fixtures/fuzz');
const RECORDINGS = join(repoRoot, 'tests/fixtures/publishers');

const filesIn = (folder: string, ending: string): Uint8Array[] =>
  !existsSync(folder)
    ? []
    : readdirSync(folder)
        .filter((name) => name.endsWith(ending))
        .sort()
        .map((name) => new Uint8Array(readFileSync(join(folder, name))));

export const recordings = (): Uint8Array[] => filesIn(RECORDINGS, '.rtmp');
export const corpusOf = (target: string): Uint8Array[] => filesIn(join(CORPUS_FOLDER, target), '.bin');

/** Named by what is in it, so that the same input is kept once. @returns the file */
export function keep(root: string, target: string, input: Uint8Array, prefix = ''): string {
  const folder = join(root, target);
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${prefix}${createHash('sha256').update(input).digest('hex').slice(0, 16)}.bin`);
  writeFileSync(file, input);
  return file;
}
