import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { tickToUs } from '../../src-shared/units.ts';
import { CATCH_UP_MAX_US, FIRST_PICTURE_WAIT_US, PICTURE_WAIT_US, VideoTimeline } from './video-timeline.ts';

const RATE = 30;
const due = (tick: number) => tickToUs(tick, RATE);
const show = (outputs: { tick: number; picture: string | null; repeated: boolean }[]) =>
  outputs.map(({ tick, picture, repeated }) => `${tick}${repeated ? '=' : ':'}${picture}`).join(' ');

describe('video timeline', () => {
  test('the next picture is encoded at once, even before its time', () => {
    const timeline = new VideoTimeline<string>(RATE, 10);
    expect(show(timeline.offer(10, 'a', due(10) - 5_000))).toBe('10:a');
    expect(show(timeline.offer(11, 'b', due(11) + 149_000))).toBe('11:b');
    expect(timeline.counts).toEqual({ new: 2, repeated: 0, late: 0, skipped: 0 });
  });

  test('a later picture fills the gap before it with the last one', () => {
    const timeline = new VideoTimeline<string>(RATE, 10);
    timeline.offer(10, 'a', due(10));
    expect(show(timeline.offer(13, 'd', due(13)))).toBe('11=a 12=a 13:d');
    expect(timeline.counts.repeated).toBe(2);
  });

  test('a tick waits until its deadline and is then repeated', () => {
    const timeline = new VideoTimeline<string>(RATE, 10, 'before');
    expect(show(timeline.advance(timeline.deadlineUs - 1))).toBe('');
    expect(show(timeline.advance(timeline.deadlineUs + 1))).toBe('10=before');
    expect(timeline.next).toBe(11);
  });

  test('a beginning waits for its first picture, and starts with it', () => {
    const timeline = new VideoTimeline<string>(RATE, 10);
    expect(show(timeline.advance(timeline.deadlineUs - 1))).toBe('');
    expect(show(timeline.offer(25, 'a', due(26)))).toBe('25:a');
    expect(timeline.counts).toEqual({ new: 1, repeated: 0, late: 0, skipped: 0 });
  });

  test('a beginning without a picture turns black in the end', () => {
    const timeline = new VideoTimeline<string>(RATE, 10);
    const blackUs = due(10) + FIRST_PICTURE_WAIT_US;
    expect(timeline.deadlineUs).toBe(blackUs);
    const first = Math.floor(((blackUs - PICTURE_WAIT_US) * RATE) / 1e6);
    expect(show(timeline.advance(blackUs))).toBe(`${first}=null`);
    expect(show(timeline.advance(due(first + 1) + PICTURE_WAIT_US))).toBe(`${first + 1}=null`);
  });

  test('a late picture is not encoded, but is what repeats show from then on', () => {
    const timeline = new VideoTimeline<string>(RATE, 10);
    timeline.offer(10, 'a', due(10));
    timeline.advance(due(11) + PICTURE_WAIT_US + 1);
    expect(show(timeline.offer(11, 'late', due(12)))).toBe('');
    expect(timeline.counts.late).toBe(1);
    expect(show(timeline.advance(due(12) + PICTURE_WAIT_US + 1))).toBe('12=late');
  });

  test('a picture from a wrong clock does not fill the future', () => {
    const timeline = new VideoTimeline<string>(RATE, 10);
    expect(timeline.offer(100_000, 'x', due(10))).toEqual([]);
    expect(timeline.next).toBe(10);
  });

  test('a long stall leaves a gap instead of a burst, and goes on at the tick due now', () => {
    const timeline = new VideoTimeline<string>(RATE, 0);
    timeline.offer(0, 'a', 0);
    const outputs = timeline.advance(due(3_000));
    expect(outputs.length).toBe(0);
    expect(timeline.next).toBe(3_000);
    expect(timeline.counts.skipped).toBe(2_999);
    expect(show(timeline.offer(3_000, 'b', due(3_000)))).toBe('3000:b');
  });

  test('property: whatever comes and when, ticks rise by one; no tick is filled twice; bursts are bounded', () => {
    const event = fc.record({ afterUs: fc.integer({ min: 0, max: 400_000 }), tick: fc.option(fc.integer({ min: -12, max: 8 })) });
    fc.assert(
      fc.property(fc.constantFrom(15, 30, 59.94, 60), fc.array(event, { maxLength: 200 }), (frameRate, events) => {
        const timeline = new VideoTimeline<number>(frameRate, 100, -1);
        let nowUs = tickToUs(100, frameRate);
        let expected = 100;
        let newest = -1;
        for (const { afterUs, tick } of events) {
          nowUs += afterUs;
          const offered = tick === null ? null : Math.max(0, Math.floor((nowUs * frameRate) / 1e6) + tick);
          const outputs = offered === null ? timeline.advance(nowUs) : timeline.offer(offered, offered, nowUs);
          expect(outputs.length).toBeLessThanOrEqual(((CATCH_UP_MAX_US + PICTURE_WAIT_US + 400_000) * frameRate) / 1e6 + 1);
          for (const output of outputs) {
            expect(output.tick).toBe(expected++);
            if (!output.repeated) newest = output.tick;
            expect(output.picture).toBe(newest);
          }
          if (offered !== null) newest = offered;
          expect(tickToUs(timeline.next, frameRate)).toBeGreaterThanOrEqual(nowUs - PICTURE_WAIT_US - CATCH_UP_MAX_US - 1);
        }
        expect(timeline.counts.new + timeline.counts.repeated).toBe(expected - 100);
      }),
    );
  });
});
