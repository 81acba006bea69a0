import fc from 'fast-check';
import { expect, test } from 'vitest';
import { IDR_LOST_US, IDR_SPACING_US, type IdrEvent, nextIdr, noIdrRequests } from './idr-requests.ts';

function run(events: IdrEvent[]) {
  let state = noIdrRequests;
  return events.map((event) => {
    const step = nextIdr(state, event);
    state = step.state;
    return step;
  });
}

test('the first request is passed on at once, those beside it are joined to it', () => {
  const steps = run([
    { type: 'wanted', nowUs: 0 },
    { type: 'wanted', nowUs: 10 },
    { type: 'wanted', nowUs: 20 },
    { type: 'idr', nowUs: 30_000 },
  ]);
  expect(steps.map(({ ask }) => ask)).toEqual([true, false, false, false]);
  expect(steps.at(-1)?.wakeAtUs).toBeNull();
});

test('a request soon after an IDR waits for the spacing, then is made', () => {
  const steps = run([
    { type: 'idr', nowUs: 0 },
    { type: 'wanted', nowUs: 1_000 },
    { type: 'timer', nowUs: IDR_SPACING_US },
  ]);
  expect(steps[1]).toMatchObject({ ask: false, wakeAtUs: IDR_SPACING_US });
  expect(steps[2]?.ask).toBe(true);
});

test('a request that was never answered is made again', () => {
  const steps = run([
    { type: 'wanted', nowUs: 0 },
    { type: 'wanted', nowUs: 5_000 },
    { type: 'timer', nowUs: IDR_LOST_US },
  ]);
  expect(steps.map(({ ask }) => ask)).toEqual([true, false, true]);
});

test('property: every request is answered by an IDR after it, if the encoder answers and timers fire; asks keep their spacing', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(2_000_000), { minLength: 1, maxLength: 30 }), fc.integer({ min: 1, max: 90_000 }), (times, answerUs) => {
      const wants = times.toSorted((a, b) => a - b);
      const idrs: number[] = [];
      const asks: number[] = [];
      let state = noIdrRequests;
      let wakeAtUs: number | null = null;
      let answerAtUs: number | null = null;
      let at = 0;
      for (let steps = 0; steps < 500; steps += 1) {
        const due = [wants[at], wakeAtUs, answerAtUs].filter((time) => time !== undefined && time !== null);
        if (due.length === 0) break;
        const nowUs = Math.min(...due);
        const type = answerAtUs === nowUs ? 'idr' : wants[at] === nowUs ? 'wanted' : 'timer';
        if (type === 'idr') {
          answerAtUs = null;
          idrs.push(nowUs);
        } else if (type === 'wanted') at += 1;
        const step = nextIdr(state, { type, nowUs });
        state = step.state;
        wakeAtUs = step.wakeAtUs;
        if (step.ask) {
          asks.push(nowUs);
          answerAtUs = nowUs + answerUs;
        }
      }
      for (const wanted of wants) expect(idrs.some((idr) => idr >= wanted)).toBe(true);
      for (const [index, ask] of asks.slice(1).entries()) expect(ask - (asks[index] as number)).toBeGreaterThanOrEqual(IDR_SPACING_US);
    }),
  );
});
