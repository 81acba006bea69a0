/** Overload of a real encoder process: the preset, then the frame rate, then the size are given up, no picture is lost, and all comes back. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Destination, type EncoderStats } from '../../src-shared/domain/index.ts';
import { smallProfile } from '../integration/engine-support.ts';
import { Slowness } from '../support/encoder-fault.ts';
import { startHost } from '../support/engine-harness.ts';
import { recordFigure } from '../support/figures.ts';
import { HostFeeder } from '../support/host-feeder.ts';
import { type Received, RtmpReceiver } from '../support/rtmp-receiver.ts';

const SIZE = { widthPx: 640, heightPx: 360 } as const;
const FRAME_RATE = 30;

/** Steps between pictures against the frame rate that the metadata before them tell. */
function lostPictures(received: Received[]): number {
  let [frameRate, before, lost, last] = [FRAME_RATE, FRAME_RATE, 0, null as number | null];
  for (const one of received) {
    if (one.kind === 'metadata') [before, frameRate] = [frameRate, Number(one.entries['framerate'])];
    if (one.kind !== 'video' || one.packet !== 'nalu') continue;
    const intervalMs = 1_000 / Math.min(before, frameRate); // from one rate to another the longer one counts
    if (last !== null) lost += Math.max(0, Math.round((one.timestampMs - last) / intervalMs) - 1);
    [last, before] = [one.timestampMs, frameRate];
  }
  return lost;
}

test('the preset, then the frame rate, then the size, no picture lost at the server, and all of it back', async () => {
  const slowness = new Slowness(SIZE.widthPx * SIZE.heightPx);
  const host = await startHost({ env: slowness.env });
  const receiver = new RtmpReceiver();
  await receiver.listen();
  const { client } = host;
  await client.invoke('profile.save', smallProfile({ video: { ...SIZE, preset: 'superfast' } }));
  const about = { id: 'server', name: 'Server', kind: 'rtmp', url: receiver.url, enabled: true, rate: { allowSizeChange: true } };
  await client.invoke('destination.save', { destination: Destination.parse(about), streamKey: 'show' });
  const feeder = await HostFeeder.attach(host);
  const encoder = async (): Promise<EncoderStats> => (await client.invoke('stats.get')).encoder;
  const seen: string[] = [];
  const watch = async (untilIs: RegExp, withinS: number) => {
    for (const endMs = performance.now() + withinS * 1_000; performance.now() < endMs; await sleep(200)) {
      const { relief, encodes } = await encoder();
      const [encode] = encodes;
      const now = `${relief ?? 'none'} ${encode?.preset} ${encode?.widthPx}@${encode?.frameRate}`;
      if (encode && now !== seen.at(-1)) seen.push(now);
      if (untilIs.test(now)) return;
    }
    throw new Error(`${untilIs} never came: ${seen.join(', ')}`);
  };
  try {
    await client.invoke('session.start');
    await watch(/^none superfast 640@30/, 30);
    await sleep(3_000);
    const [fromIndex, lateBefore] = [receiver.last!.received.length, (await encoder()).framesLate];
    slowness.set(34); // of 33 ms that a picture has
    await watch(/^frame-rate ultrafast 640@15/, 40); // a faster preset does not help: the slowness is not x264's
    slowness.set(75); // of 66
    await watch(/^size ultrafast .*@15/, 40);
    await sleep(3_000);
    slowness.set(0);
    await watch(/^none superfast 640@30/, 240);
    await sleep(2_000);
    const { framesLate, restarts } = await encoder();
    await client.invoke('session.stop');

    expect(seen.some((one) => one.startsWith('preset'))).toBe(true);
    const back = seen.slice(seen.findIndex((one) => one.startsWith('size')));
    expect(back.map((one) => one.split(' ')[0]).filter((kind, n, all) => kind !== all[n - 1])).toEqual([
      'size',
      'frame-rate',
      'preset',
      'none',
    ]);
    const [session, ...more] = receiver.sessions;
    expect(more).toEqual([]);
    const lost = lostPictures(session!.received.slice(fromIndex));
    recordFigure('pictures that the server missed', lost);
    recordFigure('ticks that the encoder left empty', framesLate - lateBefore);
    expect({ lost, empty: framesLate - lateBefore, restarts }).toEqual({ lost: 0, empty: 0, restarts: 0 });
  } finally {
    await feeder.close();
    await host.stop();
    await receiver.kill();
    slowness.remove();
  }
}, 400_000);
