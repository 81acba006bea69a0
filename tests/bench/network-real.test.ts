import { expect, test } from 'vitest';
import { constantLink, shippedLinks } from '../lab/links.ts';
import type { BenchRow } from './harness.ts';
import { agreementVerdicts, REAL, realCases } from './network-real.ts';

const names = (cases: { name: string }[]) => cases.map(({ name }) => name);

test('the step and two traces are played: of ours, or the first two given', () => {
  expect(names(realCases(shippedLinks(), []))).toEqual([`step/${REAL}`, `sawtooth/${REAL}`, `lte/${REAL}`]);
  const long = { ...constantLink(1_000), name: 'long', durationMs: 140_000 };
  expect(names(realCases(shippedLinks(), [long, constantLink(2_000), constantLink(3_000)]))).toEqual([
    `step/${REAL}`,
    'long-60s/tidecast',
    `long-60s/${REAL}`,
    `constant-2000/${REAL}`,
  ]);
});

const row = (name: string, metric: string, value: number): BenchRow => ({ case: name, metric, value, unit: '' });
const rows = (real: [number, number], simulated: [number, number]) => [
  row(`step/${REAL}`, 'utilisation', real[0]),
  row(`step/${REAL}`, 'delayP95Ms', real[1]),
  row('step/tidecast', 'utilisation', simulated[0]),
  row('step/tidecast', 'delayP95Ms', simulated[1]),
];

test.each([
  ['alike', [0.9, 200], [0.8, 290], [true, true]],
  ['use differs', [0.9, 200], [0.7, 200], [false, true]],
  ['delay differs by more than 100 ms, and more than a quarter', [0.9, 200], [0.9, 310], [true, false]],
  ['delay differs by more than 100 ms, and less than a quarter', [0.9, 600], [0.9, 740], [true, true]],
] as const)('agreement: %s', (_name, real, simulated, holds) => {
  expect(agreementVerdicts(rows([...real], [...simulated])).map((verdict) => verdict.holds)).toEqual(holds);
});

test('agreement: said of nothing that one lab has not played', () => {
  expect(agreementVerdicts([row(`step/${REAL}`, 'utilisation', 1)])).toEqual([]);
});
