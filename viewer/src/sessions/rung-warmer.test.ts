import { expect, test } from 'vitest';
import { RungWarmer, readListed } from './rung-warmer.ts';

const at = (second: number) => new Date(second * 1_000).toISOString();
const playlist = (fromS: number, ...lines: string[]) =>
  ['#EXTM3U', '#EXT-X-TARGETDURATION:2', `#EXT-X-PROGRAM-DATE-TIME:${at(fromS)}`, ...lines, ''].join('\n');

test('what a playlist lists: whole segments, and the parts of the last', () => {
  expect(readListed(playlist(10, '#EXTINF:1.5,', '1.m4s'))).toEqual({ fromMs: 10_000, untilMs: 11_500 });
  const parts = [
    `#EXT-X-PROGRAM-DATE-TIME:${at(12)}`,
    '#EXT-X-PART:DURATION=0.33333,URI="p1.m4s"',
    '#EXT-X-PART:DURATION=0.25,URI="p2.m4s"',
  ];
  expect(readListed(playlist(10, '#EXTINF:2,', '1.m4s', ...parts))?.untilMs).toBeCloseTo(12_583.3, 0);
  expect(readListed('#EXTM3U\n')).toBeNull();
});

const settled = () => new Promise((resolve) => setTimeout(resolve));

/** @param answers one after the other, the last for good */
function warmer(...answers: (string | null)[]) {
  const asked: string[] = [];
  const load = async (url: string) => {
    asked.push(url);
    return (answers.length > 1 ? answers.shift() : answers[0]) ?? null;
  };
  return { asked, one: new RungWarmer(load) };
}

test('the player goes over when the rung has what follows, without a hole', async () => {
  const { one, asked } = warmer(playlist(10.5, '#EXTINF:1.5,', '1.m4s'), playlist(10.5, '#EXTINF:1.5,', '1.m4s'));
  const look = (nowMs: number, positionMs: number, urgent = false) => one.isReady('a', { nowMs, positionMs, urgent });
  expect(look(0, 10_000)).toBe(false);
  await settled();
  expect(look(200, 10_000)).toBe(false); // it begins half a second later
  expect(asked.length).toBe(1); // and is asked again after a while
  expect(look(250, 10_000, true)).toBe(true); // in a stall a hole is no worse
  expect(look(300, 12_000)).toBe(true);
  expect(look(400, 13_500)).toBe(false); // too far behind
  await settled();
  expect(asked.length).toBe(2);
});

test('a rung that cannot be had is left alone for a while', async () => {
  const { one } = warmer(null);
  expect(one.isReady('a', { nowMs: 1_000, positionMs: null, urgent: true })).toBe(false);
  await settled();
  expect([one.isBroken('a', 2_000), one.isBroken('b', 2_000), one.isBroken('a', 40_000)]).toEqual([true, false, false]);
});

test('who is far back in the show does not have a rung made that begins later, and is not thrown to live', async () => {
  const { one, asked } = warmer(playlist(100, '#EXTINF:2,', '1.m4s'));
  const look = (nowMs: number, positionMs: number, urgent = false) => one.isReady('a', { nowMs, positionMs, urgent });
  look(0, 60_000);
  await settled();
  expect([look(1_000, 61_000), look(2_000, 62_000, true), one.waits, asked.length]).toEqual([false, false, true, 1]);
  expect([look(3_000, 101_000), one.waits]).toEqual([true, false]); // back at live
});

test('an answer that is waited for does not hold up another rung', () => {
  const asked: string[] = [];
  const one = new RungWarmer((url) => {
    asked.push(url);
    return new Promise(() => {});
  });
  for (const url of ['a', 'b', 'b']) one.isReady(url, { nowMs: 0, positionMs: null, urgent: false });
  expect(asked).toEqual(['a', 'b']);
});
