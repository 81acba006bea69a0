import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { LinkProfileId } from '../../../src-shared/domain/link.ts';
import { LINK_PROFILES } from './profiles.ts';
import { meanKbps, parseTrace, serialiseTrace } from './trace.ts';

const shipped = (name: LinkProfileId) =>
  readFileSync(join(import.meta.dirname, '../../../resources/links', `${name}.up`), 'utf8').replaceAll('\r\n', '\n');
const load = (name: LinkProfileId) => parseTrace(shipped(name));

test.each(LinkProfileId.options)('the shipped file of %s is what its seed gives; else run node build/links.mjs', (name) => {
  const { seed, generate } = LINK_PROFILES[name];
  expect(serialiseTrace(generate(seed)) === shipped(name)).toBe(true); // not toBe on the texts: a difference would print them
  expect(load(name).periodMs).toBe(60_000);
});

test('another seed gives another link', () => {
  const { seed, generate } = LINK_PROFILES.lte;
  expect(generate(seed + 1)).not.toEqual(generate(seed));
});

test.each([
  ['step', 0, 20_000, 6_000],
  ['step', 20_000, 40_000, 1_500],
  ['step', 40_000, 60_000, 6_000],
  ['ramp', 0, 5_000, 6_000],
  ['ramp', 29_000, 31_000, 1_100],
  ['sawtooth', 11_000, 12_000, 5_800],
  ['sawtooth', 12_000, 13_000, 1_690],
  ['outage', 15_000, 18_000, 0],
  ['outage', 18_000, 40_000, 5_000],
] as const)('%s from %i to %i ms has %i kbps', (name, fromMs, toMs, kbps) => {
  const mean = meanKbps(load(name), fromMs, toMs);
  expect(mean).toBeGreaterThanOrEqual(kbps * 0.98 - 12);
  expect(mean).toBeLessThanOrEqual(kbps * 1.02 + 12);
});

test('the LTE-like link wavers, fades and falls silent', () => {
  const trace = load('lte');
  const perSecond = Array.from({ length: 60 }, (_, second) => meanKbps(trace, second * 1_000, (second + 1) * 1_000)).toSorted(
    (a, b) => a - b,
  );
  expect(meanKbps(trace, 0, 60_000)).toBeGreaterThan(2_500);
  expect(meanKbps(trace, 0, 60_000)).toBeLessThan(5_000);
  expect(perSecond[5]).toBeLessThan(2_000);
  expect(perSecond[54]).toBeGreaterThan(4_500);
  const silences = [...trace.timesMs].filter((timeMs, index) => timeMs - (trace.timesMs[index - 1] ?? 0) > 150);
  expect(silences.length).toBeGreaterThan(0);
});

test('the bloated link holds two seconds', () => {
  const kbps = meanKbps(load('bufferbloat'), 0, 60_000);
  expect(Math.round((LINK_PROFILES.bufferbloat.bufferBytes * 8) / kbps / 100)).toBe(20);
});
