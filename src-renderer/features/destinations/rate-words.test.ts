import { expect, test } from 'vitest';
import type { RateReason } from '../../../src-shared/domain/index.ts';
import { reasonOf } from './rate-words.ts';

test.each<[RateReason, number, RateReason]>([
  ['rising', 2_450, 'ceiling'],
  ['link', 2_500, 'ceiling'],
  ['rising', 2_400, 'rising'],
  ['shared', 1_200, 'shared'],
  ['fixed', 2_500, 'fixed'],
  ['dropping', 2_500, 'dropping'],
])('%s at %i of 2,500 kbps is said as %s', (reason, targetKbps, said) => {
  expect(reasonOf({ reason, targetKbps, ceilingKbps: 2_500 })).toBe(said);
});
