/** A destination moves to an encode of its own and back, with the real encoder: nothing is lost on the way. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { EncoderSupervisor } from '../../src-main/engine/encoder/encoder-supervisor.ts';
import type { Log } from '../../src-main/engine/log.ts';
import { STREAM_RENDITION } from '../../src-main/engine/rendition/plan.ts';
import { Program } from '../../src-main/engine/session/program.ts';
import { PublisherSet } from '../../src-main/engine/session/publisher-set.ts';
import { StreamEncodes } from '../../src-main/engine/session/stream-encodes.ts';
import { monotonicClock } from '../../src-main/process/clock.ts';
import { NodeServiceHost } from '../../src-main/process/service.ts';
import { avcConfigSize } from '../../src-main/wire/codec-config.ts';
import { Destination } from '../../src-shared/domain/index.ts';
import { RtmpReceiver } from '../support/rtmp-receiver.ts';
import { smallProfile } from './engine-support.ts';

const log: Log = { debug() {}, info() {}, warn() {}, error() {} };
const receivers = [new RtmpReceiver(), new RtmpReceiver()] as const;
let encoder: EncoderSupervisor;
let publishers: PublisherSet;
let program: Program;

beforeEach(async () => {
  const clock = monotonicClock();
  encoder = new EncoderSupervisor({ services: new NodeServiceHost(), clock, listen: null, log });
  program = new Program(encoder, clock, console);
  publishers = new PublisherSet({
    program,
    clock,
    log,
    onPublished() {},
    onChange() {},
    onClockJump() {},
    onTracksLeftOut() {},
    onCodecRefused() {},
  });
  await program.change({ streaming: true }, smallProfile()); // black and silence do
  await program.headers(STREAM_RENDITION);
  const outlets = [];
  for (const [n, receiver] of receivers.entries()) {
    receiver.sessions.length = 0;
    await receiver.listen();
    const destination = Destination.parse({ id: `d${n}`, name: `d${n}`, kind: 'rtmp', url: receiver.url, enabled: true });
    const target = { destinationId: destination.id, url: receiver.url, backupUrl: null, streamKey: 'key' };
    outlets.push({ destination, ingest: 'primary' as const, target, relayed: false });
  }
  publishers.reconcile(outlets);
});
afterEach(async () => {
  await program.change({ streaming: false });
  await publishers.closeAll();
  await encoder.dispose();
  for (const receiver of receivers) await receiver.kill();
});

const videos = (receiver: RtmpReceiver) => receiver.last!.received.flatMap((one) => (one.kind === 'video' ? [one] : []));
const pictures = (receiver: RtmpReceiver) => videos(receiver).filter(({ packet }) => packet === 'nalu');
const untilPictures = (receiver: RtmpReceiver, count: number) =>
  expect.poll(() => (receiver.last ? pictures(receiver).length : 0), { timeout: 15_000 }).toBeGreaterThanOrEqual(count);

function expectEvenTimes(receiver: RtmpReceiver): void {
  const times = pictures(receiver).map(({ timestampMs }) => timestampMs);
  for (const [n, time] of times.slice(1).entries()) {
    expect(time - times[n]!).toBeGreaterThan(30); // 33 or 34 ms: no picture twice
    expect(time - times[n]!).toBeLessThan(37); // and none left out
  }
}

test('to its own encode and back, each at an IDR, with every picture once; the other notices nothing', async () => {
  const encodes = new StreamEncodes({ program, publishers, log });
  const [stays, moves] = publishers.connections;
  await untilPictures(receivers[1], 20);
  expect(await encodes.split(moves!, 200)).toBe(true);
  expect(publishers.connections.map(({ renditionId }) => renditionId)).toEqual(['stream', 'stream-2']);
  await untilPictures(receivers[1], pictures(receivers[1]).length + 20);
  expect(await encodes.setFormat(moves!.renditionId, { widthPx: 160, heightPx: 90, frameRate: 30 })).toBe(true);
  await untilPictures(receivers[1], pictures(receivers[1]).length + 20);
  const join = encodes.join(moves!);
  expect(await encodes.split(stays!, 200)).toBe(false); // one change at a time
  expect(await join).toBe(true);
  encodes.prune();
  await expect.poll(() => program.encodes).toBe(1);
  await untilPictures(receivers[1], pictures(receivers[1]).length + 20);

  for (const receiver of receivers) expectEvenTimes(receiver);
  const sizes = (receiver: RtmpReceiver) =>
    videos(receiver).flatMap(({ packet, data }) => (packet === 'header' ? [avcConfigSize(data).widthPx] : []));
  expect(sizes(receivers[0])).toEqual([320]);
  expect([...new Set(sizes(receivers[1]))]).toEqual([320, 160]);
  expect(sizes(receivers[1]).at(-1)).toBe(320);
  for (const [n, { packet }] of videos(receivers[1]).entries())
    if (packet === 'header') expect(videos(receivers[1])[n + 1]).toMatchObject({ packet: 'nalu', key: true });
  expect(publishers.connections.map(({ publisher }) => publisher.stats.framesDropped)).toEqual([0, 0]);
});

test('a destination that is closed while it moves leaves no encode behind', async () => {
  const encodes = new StreamEncodes({ program, publishers, log });
  const [first, second] = publishers.connections;
  await untilPictures(receivers[1], 10);
  const moving = encodes.split(second!, 200);
  publishers.reconcile([first!.outlet]);
  expect(await moving).toBe(false);
  encodes.prune();
  await expect.poll(() => program.encodes).toBe(1);
  await expect.poll(() => receivers[1].last?.ended).toBe(true);
});
