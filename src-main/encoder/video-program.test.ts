import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { DEFAULT_PROFILE, type Rendition, RenditionId } from '../../src-shared/domain/index.ts';
import { i420Bytes, tickToUs } from '../../src-shared/units.ts';
import type { VideoPacket } from '../process/packet.ts';
import { I420 } from './picture.ts';
import type { AccessUnit, VideoEncoder } from './video/back-end.ts';
import { VideoProgram } from './video-program.ts';

const RATE = 30;
const SIZE = { widthPx: 16, heightPx: 16, frameRate: RATE };
const ID = RenditionId.parse('stream');
const rendition = (bitrateKbps: number): Rendition => ({ id: ID, video: { ...DEFAULT_PROFILE.video, ...SIZE, bitrateKbps } });

interface Behaviour {
  /** ticks by which its decoding times are ahead, for the sake of B-frames */
  aheadTicks?: number;
  /** gives out a picture when it has the next one */
  isLate?: boolean;
  open?: () => Promise<void>;
  encode?: () => Promise<void>;
  flush?: () => Promise<void>;
}

const noRoom: Behaviour = { open: () => Promise.reject(new Error('no room')) };

/** @param behaviours of the encoders in the order in which they are opened; each gives out a picture as soon as it has it */
function setUp(behaviours: Behaviour[]) {
  const packets: VideoPacket[] = [];
  const failures: string[] = [];
  /** brightness of what was encoded; 16 is black */
  const shown: (number | undefined)[] = [];
  let nowUs = tickToUs(10, RATE);
  const program = new VideoProgram(
    { epochNs: 0n, nowUs: () => nowUs },
    {
      header() {},
      packet: (packet) => void packets.push(packet),
      closed() {},
      failed: (error) => void failures.push(String(error)),
      encoded() {},
    },
    async (_, emit, options): Promise<VideoEncoder> => {
      const { aheadTicks = 0, isLate = false, open, encode, flush } = behaviours.shift() ?? {};
      await open?.();
      const inside: AccessUnit[] = [];
      const give = (kept: number) => {
        for (const unit of inside.splice(0, inside.length - kept)) emit(unit);
      };
      return {
        abilities: { inPlaceBitrate: true, onDemandIdr: true, reopenMs: 0, startsWithinPct: 10 },
        inputSize: options?.source ?? SIZE,
        inputFormat: I420,
        config: null,
        async encode(picture, pts, key) {
          shown.push(picture.planes?.[0]);
          await encode?.();
          inside.push({ pts, dts: pts - aheadTicks, key, data: Uint8Array.of(1), config: null });
          give(isLate ? 1 : 0);
        },
        setBitrate() {},
        async flush() {
          await flush?.();
          give(0);
        },
        close: async () => {},
      };
    },
  );
  program.setDemand(SIZE);
  const offer = (tick: number, { widthPx, heightPx, frameRate } = SIZE, brightness = 0) => {
    nowUs = tickToUs(tick, frameRate);
    const planes = new Uint8Array(i420Bytes(widthPx, heightPx)).fill(brightness);
    program.offer({ kind: 'video', widthPx, heightPx, tick, captureTimeUs: nowUs, planes }, () => {});
  };
  /** no picture comes */
  const wait = async (seconds: number) => {
    for (const endUs = nowUs + seconds * 1e6; nowUs < endUs; await setImmediate()) {
      nowUs += tickToUs(1, RATE);
      program.advance();
    }
  };
  return { program, packets, failures, shown, offer, wait };
}

test("a packet tells its picture's way, and a repeat the one of the picture that it shows again", async () => {
  const { program, packets, wait } = setUp([]);
  program.open(rendition(1_000));
  const planes = new Uint8Array(i420Bytes(SIZE.widthPx, SIZE.heightPx));
  program.offer({ kind: 'video', ...SIZE, tick: 10, captureTimeUs: 320_000, cameraTimeUs: 300_000, planes }, () => {});
  await wait(0.3);
  const way = { cameraUs: 300_000, encoderInUs: tickToUs(10, RATE) };
  expect(packets[0]).toMatchObject({ tick: 10, repeated: false, captureTimeUs: 320_000, way });
  expect(packets[1]).toMatchObject({ tick: 11, repeated: true, captureTimeUs: 320_000, way });
  expect(packets[1]?.way?.encoderOutUs).toBeGreaterThan(way.encoderInUs + 150_000);
  await program.end();
});

test('an encoder that fails while it is replaced costs its successor nothing', async () => {
  const { program, packets, failures, offer } = setUp([{ flush: () => Promise.reject(new Error('lost its device')) }]);
  program.open(rendition(1_000));
  offer(10);
  await expect.poll(() => packets.length).toBe(1);
  program.open(rendition(2_000));
  offer(11);
  await expect.poll(() => packets.length).toBe(2);
  expect(failures).toEqual([]);
  await program.end();
});

test('an encoder that fails at work is told of', async () => {
  const { program, failures } = setUp([noRoom]);
  program.open(rendition(1_000));
  await expect.poll(() => failures).toEqual(['Error: no room']);
  await program.end();
});

test('decoding times go on rising when the successor did not open and another, with B-frames, takes over', async () => {
  const { program, packets, failures, offer } = setUp([{}, noRoom, noRoom, { aheadTicks: 3 }]); // a successor tries twice
  program.open(rendition(1_000));
  for (let tick = 10; tick < 14; tick += 1) offer(tick);
  await expect.poll(() => packets.length).toBe(4);
  program.open(rendition(2_000));
  await expect.poll(() => failures).toHaveLength(1);
  program.open(rendition(3_000));
  for (let tick = 14; tick < 20; tick += 1) offer(tick);
  await expect.poll(() => packets.length).toBe(10);
  const times = packets.map(({ dtsUs }) => dtsUs);
  expect(times).toEqual([...new Set(times)].toSorted((a, b) => a - b));
  await program.end();
});

test('one that fails once it is open leaves the place behind its predecessor, which still gives out its last, to the next', async () => {
  const { promise: flush, resolve: goOn } = Promise.withResolvers<void>();
  const { program, packets, failures, offer } = setUp([
    { isLate: true, flush: () => flush },
    { encode: () => Promise.reject(new Error('lost its device')) },
    {},
  ]);
  program.open(rendition(1_000));
  for (const tick of [10, 11]) offer(tick);
  await expect.poll(() => packets.length).toBe(1);
  program.open(rendition(2_000));
  offer(12);
  await expect.poll(() => failures).toEqual(['Error: lost its device']);
  program.open(rendition(3_000));
  offer(13);
  await new Promise((resolve) => setTimeout(resolve, 50));
  goOn();
  await expect.poll(() => packets.length).toBe(3);
  expect(packets.map(({ tick }) => tick)).toEqual([10, 11, 13]);
  await program.end();
});

test.each([
  ['size', { ...SIZE, widthPx: 32, heightPx: 32 }],
  ['frame rate', { ...SIZE, frameRate: 60 }],
  ['size and frame rate', { widthPx: 32, heightPx: 32, frameRate: 60 }],
])('until pictures of another %s come, the last picture is shown: neither black nor nothing', async (_, larger) => {
  const { program, packets, failures, shown, offer, wait } = setUp([]);
  program.open(rendition(1_000));
  offer(10, SIZE, 100);
  await expect.poll(() => packets.length).toBe(1);
  program.setDemand(larger);
  await wait(3);
  const pictures = packets.length;
  expect(pictures).toBeGreaterThan(2.8 * RATE);
  const tick = Math.ceil(3.4 * larger.frameRate);
  offer(tick, larger, 200);
  await expect.poll(() => shown.at(-1)).toBe(200);
  expect(new Set(shown)).toEqual(new Set([100, 200]));
  await program.end();
  const times = packets.map(({ ptsUs }) => ptsUs);
  const gaps = times.slice(1).map((time, n) => time - times[n]!);
  expect(Math.min(...gaps)).toBeGreaterThan(0);
  expect(Math.max(...gaps)).toBeLessThan(250_000);
  expect(packets.at(-1)).toMatchObject({ ptsUs: tickToUs(tick, larger.frameRate), repeated: false });
  expect(failures).toEqual([]);
});

test('a size that is taken back before a picture of it came changes nothing', async () => {
  const { program, packets, failures, shown, offer } = setUp([{}, noRoom, noRoom]);
  program.open(rendition(1_000));
  offer(10, SIZE, 100);
  program.setDemand({ ...SIZE, widthPx: 32, heightPx: 32 });
  program.setDemand(SIZE);
  offer(11, SIZE, 101);
  await expect.poll(() => packets.length).toBe(2);
  expect([shown, failures]).toEqual([[100, 101], []]);
  await program.end();
});

test('what is opened with a demand for another size waits for its pictures, a second at most, and goes on as it is meanwhile', async () => {
  const [larger, largest] = [32, 64].map((px) => ({ ...SIZE, widthPx: px, heightPx: px })) as [typeof SIZE, typeof SIZE];
  let opened = 0;
  const behaviour = { open: async () => void (opened += 1) };
  const { program, packets, failures, offer, wait } = setUp(Array.from({ length: 6 }, () => behaviour));
  program.open(rendition(1_000));
  offer(10);
  await expect.poll(() => packets.length).toBe(1);
  program.setDemand(larger);
  program.open({ id: ID, video: { ...rendition(1_000).video, ...larger } });
  offer(11);
  await expect.poll(() => packets.length).toBe(2);
  expect(opened).toBe(1);
  offer(12, larger);
  await expect.poll(() => packets.length).toBe(3);
  expect(opened).toBe(2); // once for both

  program.setDemand(largest);
  program.open({ id: ID, video: { ...rendition(1_000).video, ...largest } });
  await wait(0.9);
  expect(opened).toBe(2);
  await wait(0.3);
  expect(opened).toBe(3); // from what there is
  expect(failures).toEqual([]);
  await program.end();
});

test.each([15, 12, 7])('a request becomes one IDR, of the same picture, in renditions of 30 and %i fps', async (frameRate) => {
  const { program, packets, offer } = setUp([]);
  const slow = RenditionId.parse('slow');
  program.open(rendition(1_000));
  program.open({ id: slow, video: { ...rendition(1_000).video, frameRate } });
  const keysOf = (id: RenditionId) => packets.filter(({ renditionId, key }) => key && renditionId === id).map(({ tick }) => tick);
  for (let tick = 11; tick < 60; tick += 1) {
    if (tick === 21) program.requestIdr([ID, slow]);
    offer(tick);
    await setImmediate();
  }
  await program.end();
  expect(keysOf(ID)).toHaveLength(1);
  expect(keysOf(ID)[0]).toBeLessThan(30);
  expect(keysOf(slow)).toEqual(keysOf(ID));
});
