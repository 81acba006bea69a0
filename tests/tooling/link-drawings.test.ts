/** The interface draws each made-up uplink: the drawing must be what the shipped file lets through. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { meanKbps, parseTrace } from '../../src-main/engine/link/trace.ts';
import { ROUND_S, SHAPE_TOP_KBPS, SHAPES } from '../../src-renderer/features/rehearsal/shapes.ts';
import { LinkProfileId } from '../../src-shared/domain/index.ts';
import { repoRoot } from '../support/find-tools.ts';

/** a tenth of the drawing's height */
const ROUGHLY_KBPS = SHAPE_TOP_KBPS / 10;

test.each(LinkProfileId.options)('%s is drawn as it is', (id) => {
  const trace = parseTrace(readFileSync(join(repoRoot, `resources/links/${id}.up`), 'utf8'));
  expect(trace.periodMs).toBe(ROUND_S * 1_000);
  const shipped = Array.from({ length: ROUND_S }, (_, second) => meanKbps(trace, second * 1_000, (second + 1) * 1_000));
  const wrong = shipped.flatMap((kbps, second) => {
    const drawn = SHAPES[id][second] ?? Number.NaN;
    return Math.abs(drawn - kbps) <= ROUGHLY_KBPS ? [] : [{ second, drawn, kbps: Math.round(kbps) }];
  });
  expect(wrong).toEqual([]);
  expect(SHAPES[id]).toHaveLength(ROUND_S);
});
