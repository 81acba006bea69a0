/** A short show on a bad network, on real sockets; the long ones are in tests/accept/network.accept.ts. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { whyNoNamespaces } from '../lab/net/namespaces.ts';
import { NetLab } from '../lab/net/net-lab.ts';
import { fiveDestinations, inspectRecording, ORDINARY, outage, profileAt, type RecordedFigures } from '../lab/net/scenarios.ts';
import { sessionsTakeTurns, timesRise } from '../lab/net/trails.ts';

/** small, so that it is the network that is tested, and not the machine */
const PROFILE = profileAt(1_000, { widthPx: 640, heightPx: 360, preset: 'ultrafast' });

const why = whyNoNamespaces();
if (why) console.log(`no show on a bad network here: ${why}`);

test('an outage of 3 s costs the show a gap, and the recording nothing', async ({ skip }) => {
  skip(why !== null, why ?? '');
  await using lab = await NetLab.open([ORDINARY]);
  const receiver = await lab.receiver();
  const show = await lab.show(PROFILE, [{ url: receiver.url }]);
  await show.invoke('session.start');
  const recording = await show.invoke('recording.start');
  await sleep(1_500);
  const { freshAfterMs } = await outage(lab, show, receiver, 3_000);
  const connections = await lab.connections();
  await show.invoke('session.stop');
  await show.invoke('recording.stop');
  expect(freshAfterMs).toBeLessThan(8_000);
  const { media } = await receiver.log();
  expect(timesRise(media)).toBe(true);
  expect(sessionsTakeTurns(media)).toBe(true);
  expect(connections).toBe(1);
  expectWhole(await inspectRecording(show, recording.path));
});

test('of five destinations, a stalled, a refusing and a slow one cost the others and the recording nothing', async ({ skip }) => {
  skip(why !== null, why ?? '');
  const { good, bad, recorded } = await fiveDestinations(PROFILE, 5_000);
  for (const destination of good) {
    expect(destination).toMatchObject({ phase: 'live', framesDropped: 0, missed: 0 });
    expect(destination.pictures).toBeGreaterThan(30);
  }
  expect(bad.map(({ name, phase }) => [name, phase])).toContainEqual(['refusing', expect.stringMatching(/waiting|connecting/)]);
  expectWhole(recorded);
});

/** Nothing is missing but what a machine that is too slow did not encode. */
function expectWhole(recorded: RecordedFigures): void {
  expect(recorded.dtsRises).toBe(true);
  expect(recorded.longestStepMs).toBeLessThanOrEqual(recorded.encoderStepMs + 1);
  expect(recorded.pictures).toBeGreaterThan(60);
}
