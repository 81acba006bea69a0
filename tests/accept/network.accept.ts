/** The show survives the network: outages, reconnects and bad destinations, with the whole product on real sockets. */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { openLab } from '../lab/net/open-lab.ts';
import { fiveDestinations, inspectRecording, ORDINARY, outage, profileAt, reconnects } from '../lab/net/scenarios.ts';
import { sessionsTakeTurns, timesRise } from '../lab/net/trails.ts';
import { recordFigure } from '../support/figures.ts';
import { growthBytes } from '../support/heap-growth.ts';

/** so long the server holds a session from which nothing comes, and refuses another of the same key */
const SILENT_MS = 10_000;

describe('outages', () => {
  test.each([
    { lastsMs: 3_000, limitMs: 3_500 },
    { lastsMs: 20_000, limitMs: 2_000 },
    { lastsMs: 75_000, limitMs: 2_000 },
  ])('of $lastsMs ms: a picture again within $limitMs ms, the recording whole, one session at a time', async ({ lastsMs, limitMs }) => {
    await using lab = await openLab([ORDINARY]);
    const receiver = await lab.receiver(0, { silentMs: SILENT_MS, exclusive: true });
    const show = await lab.show(profileAt(2_500), [{ url: receiver.url }]);
    await show.invoke('session.start');
    const recording = await show.invoke('recording.start');
    await sleep(8_000);
    const figures = await outage(lab, show, receiver, lastsMs);
    await sleep(5_000);
    const connections = await lab.connections();
    await show.invoke('session.stop');
    await show.invoke('recording.stop');

    recordFigure('picture after the return', figures.pictureAfterMs, 'ms');
    recordFigure('picture taken since the return', figures.freshAfterMs, 'ms');
    const { media, sessions } = await receiver.log();
    recordFigure('sessions at the server', sessions.length);
    recordFigure('of them refused, since it held the old one', sessions.filter(({ refusedMs }) => refusedMs !== null).length);
    const recorded = await inspectRecording(show, recording.path);
    recordFigure('longest step between pictures of the recording', recorded.longestStepMs, 'ms');
    expect(figures.freshAfterMs).toBeLessThanOrEqual(limitMs);
    expect(timesRise(media)).toBe(true);
    expect(sessionsTakeTurns(media)).toBe(true);
    expect(connections).toBe(1);
    expect(recorded).toMatchObject({ dtsRises: true });
    expect(recorded.longestStepMs).toBeLessThanOrEqual(recorded.encoderStepMs + 1);
    expect(recorded.lastsMs).toBeGreaterThan(lastsMs + 12_000);
  });
});

describe('destinations', () => {
  test('40 reconnects in a row leave no memory, socket or timer behind', async () => {
    await using lab = await openLab([ORDINARY]);
    const receiver = await lab.receiver();
    const show = await lab.show(profileAt(1_000, { widthPx: 640, heightPx: 360 }), [{ url: receiver.url }]);
    await show.invoke('session.start');
    await sleep(3_000);
    const each = 5;
    const { readings, connections } = await reconnects({ lab, show, receiver }, 8, each);
    const [early, late] = [readings[3], readings[7]]; // the 20th and the 40th: by the 20th all has been compiled and used
    if (!early || !late) throw new Error('a reading is missing');
    const grownBytes = growthBytes(
      readings.slice(3).map(({ heapBytes }) => heapBytes),
      each,
    );
    const { media, sessions } = await receiver.log();
    recordFigure('heap grown a reconnect, from the 20th to the 40th', grownBytes / 1_024, 'KiB');
    recordFigure('heap grown from the 20th to the 40th', (late.heapBytes - early.heapBytes) / 1_024, 'KiB');
    recordFigure('sessions at the server', sessions.length);
    expect(sessions).toHaveLength(41);
    expect(connections).toBe(1);
    expect(late.sockets).toBeLessThanOrEqual(early.sockets);
    expect(late.timers).toBeLessThanOrEqual(early.timers);
    expect(late.warnings).toEqual([]);
    expect(grownBytes).toBeLessThan(6 * 1_024);
    expect(timesRise(media)).toBe(true);
    expect(sessionsTakeTurns(media)).toBe(true);
  });

  test('five for a minute, one stalled, one refusing, one at half the rate: the two others and the recording miss nothing', async () => {
    const { good, bad, recorded } = await fiveDestinations(profileAt(2_500), 60_000);
    for (const { name, phase, framesDropped } of [...good, ...bad]) recordFigure(`${name} (${phase}): dropped`, framesDropped);
    recordFigure('pictures at a good destination', good[0]?.pictures ?? 0);
    recordFigure('longest step between pictures of the recording', recorded.longestStepMs, 'ms');
    for (const destination of good) {
      expect(destination).toMatchObject({ phase: 'live', framesDropped: 0, missed: 0 });
    }
    expect(recorded.dtsRises).toBe(true);
    expect(recorded.longestStepMs).toBeLessThanOrEqual(recorded.encoderStepMs + 1);
    expect(recorded.lastsMs).toBeGreaterThan(59_000);
  });
});
