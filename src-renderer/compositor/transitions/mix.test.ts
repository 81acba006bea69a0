import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Transition } from '../../../src-shared/domain/index.ts';
import { mixOf, wipeAlpha } from './mix.ts';

type Mixed = Exclude<Transition, { kind: 'cut' }>;
const of = (input: object) => Transition.parse(input) as Mixed;

describe('mixOf', () => {
  test('fade: as much of the new scene as time has passed', () => {
    expect(mixOf(of({ kind: 'fade' }), 0.25)).toEqual({ kind: 'fade', amount: 0.25 });
  });

  test('through a colour: the old scene sinks into it, the new one comes out', () => {
    const transition = of({ kind: 'fadeThrough', colour: '#ffffff' });
    expect(mixOf(transition, 0.25)).toEqual({ kind: 'through', shown: 'from', colour: '#ffffff', amount: 0.5 });
    expect(mixOf(transition, 0.5)).toMatchObject({ shown: 'to', amount: 1 });
    expect(mixOf(transition, 0.75)).toMatchObject({ shown: 'to', amount: 0.5 });
  });

  test.each([
    ['left', { x: -0.5, y: 0, toX: 0.5, toY: 0 }],
    ['right', { x: 0.5, y: 0, toX: -0.5, toY: 0 }],
    ['up', { x: 0, y: -0.5, toX: 0, toY: 0.5 }],
    ['down', { x: 0, y: 0.5, toX: 0, toY: -0.5 }],
  ])('slide to the %s: half way each has half of the canvas', (towards, places) => {
    const mix = mixOf(of({ kind: 'slide', towards }), 0.5);
    for (const [name, value] of Object.entries(places)) expect(mix[name as keyof typeof mix]).toBeCloseTo(value);
  });
});

describe('a wipe', () => {
  const softness = fc.double({ min: 0, max: 1, noNaN: true });
  const value = fc.double({ min: 0, max: 1, noNaN: true });
  const alphaAt = (progress: number, soft: number, map: number) => {
    const mix = mixOf(of({ kind: 'wipe', softness: soft }), progress);
    if (mix.kind !== 'wipe') throw new Error(mix.kind);
    return wipeAlpha(map, mix);
  };

  test('shows nothing of the new scene at its begin and all of it at its end, whatever the map and the softness', () => {
    fc.assert(
      fc.property(softness, value, (soft, map) => {
        expect(alphaAt(0, soft, map)).toBeCloseTo(0);
        expect(alphaAt(1, soft, map)).toBeCloseTo(1);
      }),
    );
  });

  test('never takes back what it has shown', () => {
    fc.assert(
      fc.property(softness, value, value, value, (soft, map, a, b) => {
        const [early, late] = a < b ? [a, b] : [b, a];
        expect(alphaAt(late, soft, map)).toBeGreaterThanOrEqual(alphaAt(early, soft, map) - 1e-9);
      }),
    );
  });
});
