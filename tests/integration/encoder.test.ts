import { describe, expect, test } from 'vitest';
import type { VideoHeader, VideoPacket } from '../../src-main/process/packet.ts';
import { avcConfigSize } from '../../src-main/wire/codec-config.ts';
import { tickToUs, usToTick } from '../../src-shared/units.ts';
import { decode, EncoderUnderTest, eventually, id, inTime, rendition, sleep } from '../support/encoder-harness.ts';
import { noise } from '../support/noise.ts';

const SIZE = { widthPx: 320, heightPx: 180, frameRate: 30 };

function expectEveryTickOnce(packets: VideoPacket[]): void {
  const ticks = packets.map(({ tick }) => tick).sort((a, b) => a - b);
  expect(ticks).toEqual(ticks.map((_, n) => ticks[0]! + n));
}

function expectRisingDts(packets: VideoPacket[]): void {
  for (let n = 1; n < packets.length; n++) expect(packets[n]!.dtsUs).toBeGreaterThan(packets[n - 1]!.dtsUs);
}

/** Most of them wait for pictures most of the time; a busy machine makes three tries of one. */
describe.concurrent('encoder process', { timeout: 180_000 }, () => {
  test('encodes each tick once, with its own picture: header first, IDR first, times from the tick', () =>
    inTime(async (encoder) => {
      encoder.demand(SIZE);
      encoder.open(rendition('main'));
      const feeder = await encoder.feed(SIZE);
      feeder.start();
      await encoder.untilPackets('main', 90);
      await feeder.close();
      await encoder.stop();

      const packets = encoder.packets('main');
      const [header] = encoder.headers('main');
      const first = encoder.messages.findIndex(({ type }) => type === 'packet');
      expect(encoder.messages.findIndex(({ type }) => type === 'header')).toBeLessThan(first);
      expect(header).toMatchObject({ codec: 'h264', ...SIZE, bitrateKbps: 600 });
      expect(avcConfigSize(header!.config)).toEqual({ widthPx: 320, heightPx: 180 });
      expect(packets[0]!.key).toBe(true);
      expectEveryTickOnce(packets);
      expectRisingDts(packets);
      for (const { tick, ptsUs, dtsUs, durationUs } of packets) {
        expect(ptsUs).toBe(tickToUs(tick, 30));
        expect(dtsUs).toBe(ptsUs); // no B-frames
        expect(durationUs).toBe(33_333);
      }

      const own = packets.filter(({ repeated }) => !repeated).map(({ tick }) => tick);
      expect(own.length).toBeGreaterThan(80);
      const pictures = await decode(header!, packets);
      expect(pictures.length).toBe(packets.length);
      packets.forEach(({ tick, repeated }, n) => {
        if (!repeated) expect(pictures[n]!.tick).toBe(tick);
      });
      expect(encoder.of('stopped').length).toBe(1);
      expect(encoder.messages.at(-1)!.type).toBe('stopped');
      expect(encoder.exited).toEqual({ code: 0, signal: null });
      expect(encoder.of('failed')).toEqual([]);
    }));

  test('an IDR comes exactly where it is asked for, and keyframes exactly at their interval', () =>
    inTime(async (encoder) => {
      encoder.demand(SIZE);
      encoder.open(rendition('main', { keyframeIntervalS: 0.5 }));
      encoder.open(rendition('long', { keyframeIntervalS: 10 }));
      const feeder = await encoder.feed(SIZE);
      feeder.start();
      await encoder.untilPackets('long', 40);
      encoder.send({ type: 'idr', renditionIds: [id('long')] });
      const asked = encoder.packets('long').at(-1)!.tick;
      await encoder.untilPackets('long', 75);
      await feeder.close();
      await encoder.stop();

      const keys = encoder
        .packets('main')
        .filter(({ key }) => key)
        .map(({ tick }) => tick);
      expect(keys.length).toBeGreaterThan(3);
      expect(keys).toEqual(keys.map((_, n) => keys[0]! + n * 15));
      const [first, forced, ...more] = encoder.packets('long').filter(({ key }) => key);
      expect(first).toBe(encoder.packets('long')[0]);
      expect(forced!.tick).toBeGreaterThan(asked);
      expect(forced!.tick).toBeLessThanOrEqual(asked + 6); // pictures already on their way when we asked
      expect(more).toEqual([]);
      // an IDR and not only an I picture: NAL type 5 (ITU-T H.264, table 7-1)
      expect(nalTypes(forced!)).toContain(5);
    }));

  test('follows a bitrate change at run time, down and up, without a new header', () =>
    inTime(async (encoder) => {
      const size = { widthPx: 640, heightPx: 360, frameRate: 30 };
      encoder.demand(size);
      encoder.open(rendition('main', { ...size, bitrateKbps: 1_500, preset: 'superfast' }));
      const feeder = await encoder.feed({ ...size, draw: noise(size) });
      feeder.start();
      const rateKbps = (packets: VideoPacket[]) =>
        (packets.reduce((sum, { data }) => sum + data.length, 0) * 8 * 30) / packets.length / 1_000;
      const settled = async (bitrateKbps: number) => {
        const at = encoder.packets('main').length;
        encoder.send({ type: 'bitrate', renditionId: id('main'), bitrateKbps });
        await encoder.untilPackets('main', at + 135);
        return rateKbps(encoder.packets('main').slice(at + 75, at + 135)); // from 2.5 s to 4.5 s after the change
      };
      await encoder.untilPackets('main', 90);
      expect(rateKbps(encoder.packets('main').slice(30))).toBeGreaterThan(1_200);
      const low = await settled(500);
      expect(low).toBeGreaterThan(375);
      expect(low).toBeLessThan(600);
      const high = await settled(1_500);
      expect(high).toBeGreaterThan(1_200);
      expect(high).toBeLessThan(1_800);
      expect(encoder.headers('main').length).toBe(1);
      await feeder.close();
    }));

  test('another size and frame rate in place of a rendition: every picture comes, at its time, from an IDR on', () =>
    inTime(async (encoder) => {
      const size = { widthPx: 640, heightPx: 360, frameRate: 30 };
      encoder.demand(size);
      encoder.open(rendition('main', size));
      const feeder = await encoder.feed(size);
      feeder.start();
      await encoder.untilPackets('main', 45);
      encoder.open(rendition('main', { widthPx: 320, heightPx: 180, frameRate: 15, bitrateKbps: 300 }));
      encoder.send({ type: 'bitrate', renditionId: id('main'), bitrateKbps: 200 }); // on its way while the encoder is opened
      await encoder.untilPackets('main', 80);
      encoder.open(rendition('main', size));
      await encoder.untilPackets('main', 130);
      await feeder.close();
      await encoder.stop();

      const said = encoder.messages.flatMap((message): (VideoHeader | VideoPacket)[] => {
        if (message.type === 'header' && message.header.kind === 'video') return [message.header];
        return message.type === 'packet' && message.packet.kind === 'video' ? [message.packet] : [];
      });
      const begins = said.flatMap((one, n) => ('config' in one ? [n] : []));
      const packets = said.filter((one): one is VideoPacket => 'data' in one);
      expect(begins.map((n) => said[n])).toMatchObject([size, { widthPx: 320, heightPx: 180, frameRate: 15 }, size]);
      for (const n of begins) expect(said[n + 1]).toMatchObject({ key: true });
      expectRisingDts(packets);
      expect(encoder.of('closed')).toHaveLength(1); // at the end
      const parts = begins.map((n, part) => said.slice(n + 1, begins[part + 1]) as VideoPacket[]);
      const [full, half, again] = parts as [VideoPacket[], VideoPacket[], VideoPacket[]];
      expectEveryTickOnce(full);
      expectEveryTickOnce(again);
      expect(half.every(({ tick, ptsUs }) => tick % 2 === 0 && ptsUs === tickToUs(tick, 30))).toBe(true);
      for (const [before, after] of [
        [full, half],
        [half, again],
      ] as const)
        expect(after[0]!.tick - before.at(-1)!.tick).toBeLessThanOrEqual(2);
      const pictures = await decode(said[begins[1]!] as VideoHeader, half, 0.5);
      half.forEach(({ tick, repeated }, n) => repeated || expect(pictures[n]!.tick).toBe(tick));
    }));

  test('with two B-frames PTS and DTS differ, DTS rises and nothing is shown before it is decoded', () =>
    inTime(async (encoder) => {
      encoder.demand(SIZE);
      encoder.open(rendition('main', { bFrames: 2, preset: 'veryfast', tune: 'none' }));
      const feeder = await encoder.feed(SIZE);
      feeder.start();
      await encoder.untilPackets('main', 60);
      await feeder.close();
      await encoder.stop();
      const packets = encoder.packets('main');
      expectEveryTickOnce(packets);
      expectRisingDts(packets);
      expect(packets.every(({ ptsUs, dtsUs }) => dtsUs <= ptsUs)).toBe(true);
      expect(packets.filter(({ ptsUs, dtsUs }) => ptsUs !== dtsUs).length).toBeGreaterThan(30);
      const pictures = await decode(encoder.headers('main')[0]!, packets);
      const shown = packets.toSorted((a, b) => a.ptsUs - b.ptsUs);
      shown.forEach(({ tick, repeated }, n) => repeated || expect(pictures[n]!.tick).toBe(tick));
    }));

  test('renditions of other sizes and rates are scaled from the same pictures', () =>
    inTime(async (encoder) => {
      const size = { widthPx: 640, heightPx: 360, frameRate: 30 };
      encoder.demand(size);
      encoder.open(rendition('full', size));
      encoder.open(rendition('small', { widthPx: 320, heightPx: 180 }));
      encoder.open(rendition('slow', { ...size, frameRate: 15 }));
      const feeder = await encoder.feed(size);
      feeder.start();
      await encoder.untilPackets('full', 60);
      await feeder.close();
      await encoder.stop();
      const scales = { full: 1, small: 0.5, slow: 1 };
      for (const [name, scale] of Object.entries(scales)) {
        const packets = encoder.packets(name);
        const header = encoder.headers(name)[0]!;
        const pictures = await decode(header, packets, scale);
        packets.forEach(({ tick, repeated }, n) => repeated || expect(pictures[n]!.tick).toBe(tick));
        expect(avcConfigSize(header.config).widthPx).toBe(640 * scale);
      }
      expect(encoder.headers('slow')[0]!.frameRate).toBe(15);
      expect(encoder.packets('slow').every(({ tick, ptsUs }) => tick % 2 === 0 && ptsUs === tickToUs(tick, 30))).toBe(true);
    }));

  test('odd chroma widths and 29.97 pictures a second keep picture and time', () =>
    inTime(async (encoder) => {
      const size = { widthPx: 426, heightPx: 242, frameRate: 29.97 };
      encoder.demand(size);
      encoder.open(rendition('main', size));
      const feeder = await encoder.feed(size);
      feeder.start();
      await encoder.untilPackets('main', 45);
      await feeder.close();
      await encoder.stop();
      const packets = encoder.packets('main');
      const pictures = await decode(encoder.headers('main')[0]!, packets);
      packets.forEach(({ tick, repeated, ptsUs }, n) => {
        expect(ptsUs).toBe(tickToUs(tick, 29.97));
        if (!repeated) expect(pictures[n]!.tick).toBe(tick);
      });
    }));

  test('a gap in the pictures is filled by repeats, and they are counted', () =>
    inTime(async (encoder) => {
      encoder.demand(SIZE);
      encoder.open(rendition('main'));
      const feeder = await encoder.feed({ ...SIZE, sends: (tick) => tick % 10 < 7 });
      feeder.start();
      await encoder.untilPackets('main', 120);
      await feeder.close();
      await encoder.stop();
      const packets = encoder.packets('main');
      expectEveryTickOnce(packets);
      const from = packets.findIndex(({ repeated }) => !repeated);
      const fed = packets.slice(from).filter(({ tick }) => tick <= feeder.sent.ticks.at(-1)!);
      for (const { tick, repeated } of fed) if (tick % 10 >= 7) expect(repeated).toBe(true);
      const stats = encoder.of('stats').at(-1)!.stats;
      expect(stats.framesRepeated).toBe(packets.filter(({ repeated }) => repeated).length);
      expect(stats.framesNew).toBe(packets.filter(({ repeated }) => !repeated).length);
      const pictures = await decode(encoder.headers('main')[0]!, packets);
      const gap = packets.findIndex(({ tick }, n) => n > from + 10 && tick % 10 === 9);
      expect(pictures[gap]!.tick).toBe(packets[gap]!.tick - 3);
    }));

  test('without a renderer black and silence go on; pictures take over and are repeated when it leaves', () =>
    inTime(async (encoder) => {
      encoder.demand(SIZE);
      encoder.open(rendition('main'));
      await encoder.untilPackets('main', 30);
      await eventually(() => encoder.sound().length > 30, 'silence');
      const feeder = await encoder.feed(SIZE);
      feeder.start();
      await sleep(700);
      await feeder.close();
      const left = encoder.packets('main').length;
      await encoder.untilPackets('main', left + 30);
      await encoder.stop();

      const packets = encoder.packets('main');
      expectEveryTickOnce(packets);
      const pictures = await decode(encoder.headers('main')[0]!, packets);
      expect(pictures[3]!.tick).toBeNull();
      expect([...pictures[3]!.luma].every((y) => Math.abs(y - 16) < 4)).toBe(true);
      expect(pictures.at(-1)!.tick).toBe(feeder.sent.ticks.at(-1));
      expect(encoder.of('media').map(({ role, connected }) => `${role} ${connected}`)).toEqual([
        'video true',
        'audio true',
        'video false',
        'audio false',
      ]);
      const sound = encoder.sound();
      for (let n = 1; n < sound.length; n++) expect(Math.abs(sound[n]!.ptsUs - sound[n - 1]!.ptsUs - 21_333)).toBeLessThanOrEqual(1);
      expect(encoder.of('stats').at(-1)!.stats.silenceMs).toBeGreaterThan(500);
    }));

  test('a new size and rate open every rendition anew, in one unbroken time', () =>
    inTime(async (encoder) => {
      encoder.demand(SIZE);
      encoder.open(rendition('main', { bFrames: 2 }));
      await encoder.untilPackets('main', 20);
      const larger = { widthPx: 640, heightPx: 360, frameRate: 15 };
      encoder.demand(larger);
      await eventually(() => encoder.headers('main').length === 2, 'the second header');
      const feeder = await encoder.feed(larger);
      feeder.start();
      const seen = encoder.packets('main').length;
      await encoder.untilPackets('main', seen + 20);
      await feeder.close();
      encoder.demand(null);
      await encoder.until('closed', ({ renditionId }) => renditionId === 'main');
      const atClose = encoder.packets('main').length;
      await sleep(300);
      const packets = encoder.packets('main');
      expect(packets.length).toBe(atClose);
      expectRisingDts(packets);
      expect(packets.every(({ ptsUs, dtsUs }) => dtsUs <= ptsUs)).toBe(true);
      expect(encoder.headers('main').map(({ frameRate, widthPx }) => [frameRate, widthPx])).toEqual([
        [30, 320],
        [15, 320],
      ]);

      encoder.demand(SIZE);
      encoder.open(rendition('main'));
      const again = await encoder.untilPackets('main', atClose + 10);
      expect(again[atClose]!.key).toBe(true);
      expectRisingDts(again);
    }));

  test('after a stall of the whole process it goes on at the present, without a burst', async () => {
    await using encoder = await EncoderUnderTest.start();
    encoder.demand(SIZE);
    encoder.open(rendition('main'));
    await encoder.untilPackets('main', 15);
    encoder.service.kill('SIGSTOP');
    await sleep(4_000);
    const stopped = encoder.packets('main').length;
    encoder.service.kill('SIGCONT');
    await encoder.untilPackets('main', stopped + 20);
    const packets = encoder.packets('main');
    const nowUs = Number((process.hrtime.bigint() - encoder.epochNs) / 1_000n);
    expect(packets.at(-1)!.tick).toBeGreaterThan(usToTick(nowUs, 30) - 30);
    expect(packets.length).toBeLessThan(stopped + 90); // 120 ticks went by
    expectRisingDts(packets);
    await encoder.stop();
    expect(encoder.of('stats').at(-1)!.stats.framesLate).toBeGreaterThan(60);
  });

  test('an encoder that cannot be opened is reported with its rendition, and the others go on', async () => {
    await using encoder = await EncoderUnderTest.start();
    encoder.demand(SIZE);
    const bad = rendition('bad');
    encoder.open({ ...bad, video: { ...bad.video, preset: 'no-such-preset' as never } });
    encoder.open(rendition('good'));
    const failed = await encoder.until('failed');
    expect(failed).toMatchObject({ code: 'encoder.open-failed', renditionId: 'bad' });
    await encoder.untilPackets('good', 10);
  });
});

function nalTypes({ data }: VideoPacket): number[] {
  const types: number[] = [];
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  for (let at = 0; at < data.length; at += 4 + view.getUint32(at)) types.push(data[at + 4]! & 0x1f);
  return types;
}
