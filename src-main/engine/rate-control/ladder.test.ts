import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { initialLadder, type PictureFormat, rungsOf, stepLadder } from './ladder.ts';

const HD: PictureFormat = { widthPx: 1_280, heightPx: 720, frameRate: 30 };
const FULL_HD_60: PictureFormat = { widthPx: 1_920, heightPx: 1_080, frameRate: 60 };
const S = 1_000_000;

/** Holds each rate for so many seconds, with a decision every 100 ms. @returns the height at the end of each */
function heights(base: PictureFormat, held: [kbps: number, seconds: number][]): number[] {
  let state = initialLadder(base);
  let atUs = 0;
  return held.map(([kbps, seconds]) => {
    let heightPx = 0;
    for (let step = 0; step < seconds * 10; step += 1) {
      atUs += S / 10;
      const stepped = stepLadder(state, atUs, kbps);
      state = stepped.state;
      heightPx = stepped.rung.heightPx;
    }
    return heightPx;
  });
}

describe('rungs', () => {
  test('720p30 and 1080p60 have these', () => {
    const text = (base: PictureFormat) =>
      rungsOf(base).map((rung) => `${rung.widthPx}x${rung.heightPx}@${rung.frameRate}:${rung.leastKbps}`);
    expect(text(HD)).toEqual(['1280x720@30:800', '960x540@30:520', '640x360@30:283', '640x360@15:187', '480x270@15:121', '320x180@15:66']);
    expect(text(FULL_HD_60)).toEqual([
      '1920x1080@60:2228',
      '1440x810@60:1447',
      '960x540@60:788',
      '960x540@30:520',
      '720x406@30:338',
      '480x270@30:184',
    ]);
  });

  test('property: even sizes, aspect kept, each below the one before, none above the base', () => {
    const side = fc.integer({ min: 32, max: 2_160 }).map((half) => half * 2);
    fc.assert(
      fc.property(side, side, fc.integer({ min: 1, max: 120 }), (widthPx, heightPx, frameRate) => {
        const rungs = rungsOf({ widthPx, heightPx, frameRate });
        expect(rungs[0]).toMatchObject({ widthPx, heightPx, frameRate });
        for (const [index, rung] of rungs.entries()) {
          expect(rung.widthPx % 2).toBe(0);
          expect(rung.heightPx % 2).toBe(0);
          // rounding to a pair of pixels is all that may change it
          expect(Math.abs(rung.widthPx - (rung.heightPx * widthPx) / heightPx)).toBeLessThanOrEqual(1 + widthPx / heightPx);
          const above = rungs[index - 1];
          if (above) expect(rung.leastKbps).toBeLessThan(above.leastKbps);
          expect(rung.widthPx).toBeLessThanOrEqual(widthPx);
          expect(rung.frameRate).toBeLessThanOrEqual(frameRate);
        }
      }),
    );
  });
});

describe('steps', () => {
  test('a rate that is enough changes nothing, and a dip of two seconds does not either', () => {
    expect(
      heights(HD, [
        [2_500, 60],
        [400, 2],
        [2_500, 60],
      ]),
    ).toEqual([720, 720, 720]);
  });

  test('too low for three seconds: at once to the rung that fits', () => {
    expect(
      heights(HD, [
        [2_500, 5],
        [300, 4],
      ]),
    ).toEqual([720, 360]);
  });

  test('comes back after ten seconds, not before, and only with something to spare', () => {
    expect(
      heights(HD, [
        [300, 5],
        [2_500, 9],
        [2_500, 2],
      ]),
    ).toEqual([360, 360, 720]);
    expect(
      heights(HD, [
        [600, 5],
        [900, 60],
        [1_100, 11],
      ]),
    ).toEqual([540, 540, 720]);
  });

  test('a rate that swings around a limit changes nothing more', () => {
    const swings = Array.from({ length: 30 }, (_, index): [number, number] => [index % 2 ? 780 : 1_000, 3.5]);
    expect(new Set(heights(HD, [[700, 5], ...swings]))).toEqual(new Set([540]));
  });

  test('another base starts anew', () => {
    let { state } = stepLadder(initialLadder(HD), 0, 300);
    ({ state } = stepLadder(state, 4 * S, 300));
    expect(stepLadder(state, 4.1 * S, 300, FULL_HD_60).rung).toMatchObject(FULL_HD_60);
  });

  test('property: any rates at any times give a rung of the base', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.double({ min: -1e6, max: 1e9 }), fc.integer({ min: -S, max: 20 * S })), { maxLength: 60 }),
        (steps) => {
          let state = initialLadder(FULL_HD_60);
          let atUs = 0;
          for (const [kbps, deltaUs] of steps) {
            atUs += deltaUs;
            const stepped = stepLadder(state, atUs, kbps);
            state = stepped.state;
            expect(rungsOf(FULL_HD_60)).toContainEqual(stepped.rung);
          }
        },
      ),
    );
  });
});
