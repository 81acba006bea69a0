import { expect, test } from 'vitest';
import type { StudioStats } from '../../../src-shared/domain/index.ts';
import { type Format, isSmaller, nextShow, type Show } from './show-format.ts';

const HD: Format = { heightPx: 720, frameRate: 30 };
const FULL_HD: Format = { heightPx: 1_080, frameRate: 60 };
const SMALL: Format = { heightPx: 360, frameRate: 30 };

const look = (session: object, ...rates: Format[]) => ({ session, publishers: rates.map((rate) => ({ rate })) }) as unknown as StudioStats;
const idle = look({ phase: 'idle' });
const onAir = (sinceUs: number, ...rates: Format[]) => look({ phase: 'on-air', sinceUs }, ...rates);
const watch = (...looks: [StudioStats, Format][]) =>
  looks.reduce<Show | null>((show, [stats, profile]) => nextShow(show, stats, profile), null);

test('a profile that is activated during a show is not the show’s', () => {
  const show = watch([idle, HD], [look({ phase: 'starting' }), HD], [onAir(5, HD), HD], [onAir(5, HD), FULL_HD]);
  expect(isSmaller(HD, show)).toBe(false);
  expect(isSmaller(SMALL, show)).toBe(true);
});

test('it is that of the next show', () => {
  const show = watch([onAir(5, HD), FULL_HD], [look({ phase: 'stopping' }, HD), FULL_HD], [idle, FULL_HD], [onAir(9, HD), FULL_HD]);
  expect(isSmaller(HD, show)).toBe(true);
  expect(isSmaller(FULL_HD, show)).toBe(false);
});

test('a show that is small from its first second is smaller than its profile', () => {
  expect(isSmaller(SMALL, watch([idle, HD], [onAir(5, SMALL), HD]))).toBe(true);
});

test('a window that is opened in mid-show knows what the largest connection had', () => {
  const show = watch([onAir(5, HD, SMALL), FULL_HD], [onAir(5, SMALL, SMALL), FULL_HD]);
  expect([HD, SMALL].map((rate) => isSmaller(rate, show))).toEqual([false, true]);
});

test('another show that began while this window was away starts afresh', () => {
  expect(isSmaller(SMALL, watch([idle, HD], [onAir(5, HD), HD], [onAir(9, SMALL), HD]))).toBe(false);
});
