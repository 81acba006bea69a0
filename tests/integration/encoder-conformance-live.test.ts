/** What only the process as a whole can show: changes of a running rendition, in one stream of packets. */
import { describe, expect, test } from 'vitest';
import { Picture } from '../../src-main/encoder/picture.ts';
import type { OpenVideoEncoder } from '../../src-main/encoder/video/back-end.ts';
import { NodeAvEncoder } from '../../src-main/encoder/video/node-av-encoder.ts';
import { ReopeningEncoder } from '../../src-main/encoder/video/reopening-encoder.ts';
import type { VideoHeader, VideoPacket } from '../../src-main/process/packet.ts';
import type { VideoSettings } from '../../src-shared/domain/rendition.ts';
import { StudioError } from '../../src-shared/errors.ts';
import { type Coded, keysOf, pictureOf, range, settings, shownTicks, take } from '../support/encoder-conformance.ts';
import { type EncoderUnderTest, eventually, id, inTime, rendition, sleep } from '../support/encoder-harness.ts';
import { descendants, untilGone } from '../support/processes.ts';

const SIZE = { widthPx: 320, heightPx: 180, frameRate: 30 };

const COMMAND_LINE = { TIDECAST_VIDEO_BACK_END: 'command-line' };

describe('a running rendition', () => {
  test('becomes HEVC, AV1 and H.264 again, of other sizes, and no tick is lost', () =>
    inTime(async (encoder) => {
      encoder.demand(SIZE);
      const feeder = await encoder.feed(SIZE);
      feeder.start();
      const kinds: Partial<VideoSettings>[] = [
        { bFrames: 2, tune: 'none', preset: 'superfast' }, // has pictures under way when the next begins
        { codec: 'hevc', encoder: 'libx265' },
        { codec: 'av1', encoder: 'libsvtav1', widthPx: 640, heightPx: 360 },
        { codec: 'h264', encoder: 'libx264', bitDepth: 10 },
      ];
      for (const [n, video] of kinds.entries()) {
        encoder.open(rendition('main', video));
        await eventually(() => encoder.headers('main').length > n, `header ${n}`);
        await encoder.untilPackets('main', encoder.packets('main').length + 30);
      }
      await feeder.close();
      await encoder.stop();

      const packets = encoder.packets('main');
      expectEveryTickOnce(packets);
      for (let n = 1; n < packets.length; n++) expect(packets[n]!.dtsUs).toBeGreaterThan(packets[n - 1]!.dtsUs);
      const parts = partsOf(encoder);
      expect(parts.map(({ header }) => [header.codec, header.widthPx])).toEqual([
        ['h264', 320],
        ['hevc', 320],
        ['av1', 640],
        ['h264', 320],
      ]);
      for (const { header, packets: own } of parts) {
        expect(own[0]!.key).toBe(true);
        const ticks = await shownTicks(coded(header, own), header.widthPx / SIZE.widthPx);
        own.toSorted((a, b) => a.ptsUs - b.ptsUs).forEach(({ tick, repeated }, n) => repeated || expect(ticks[n]).toBe(tick));
      }
      expect(encoder.of('failed')).toEqual([]);
    }));
});

describe('a look-ahead that is flushed', () => {
  test('leaves the turns between two packets to others', async () => {
    const video = settings({ codec: 'hevc', encoder: 'libx265', tune: 'none', lookaheadFrames: 30 });
    let turn = 0;
    const turns: number[] = [];
    const encoder = await NodeAvEncoder.open(video, () => void turns.push(turn));
    const picture = Picture.ofPlanes(pictureOf(video, 0), 0);
    for (const tick of range(0, 40)) await encoder.encode(picture, tick, false);
    const given = turns.length;
    const clock = setInterval(() => {}, 1_000); // immediates alone keep no loop waiting
    const next = (): NodeJS.Immediate =>
      setImmediate(() => {
        turn++;
        immediate = next();
      });
    let immediate = next();
    await encoder.flush();
    clearImmediate(immediate);
    clearInterval(clock);
    await encoder.close();
    expect(turns.length - given).toBeGreaterThan(25);
    expect(new Set(turns.slice(given)).size).toBeGreaterThan((turns.length - given) / 2);
  });
});

describe('where the system has room for one encoder only', () => {
  test('another bitrate waits for the one before to end, and loses nothing', async () => {
    let running = 0;
    const open: OpenVideoEncoder = async (video, emit) => {
      if (running > 0) throw new StudioError('encoder.open-failed', 'no session left');
      const encoder = await NodeAvEncoder.open(video, emit);
      running++;
      const close = encoder.close.bind(encoder);
      encoder.close = () => {
        running--;
        return close();
      };
      return encoder;
    };
    const video = settings({ codec: 'hevc', encoder: 'libx265', tune: 'none', lookaheadFrames: 10 });
    const result = await take((asked, emit) => ReopeningEncoder.open(open, asked, emit), video, {
      ticks: range(0, 60),
      bitrateAt: { 30: 300 },
    });
    expect(keysOf(result)).toEqual([0, 30]);
    expect(result.units.map(({ pts }) => pts).toSorted((a, b) => a - b)).toEqual(range(0, 60));
    expect(running).toBe(0);
  });
});

describe.concurrent('with the ffmpeg program in the place of node-av', () => {
  test('a show encodes each tick with its own picture, changes, and leaves no process behind', () =>
    inTime(async (encoder) => {
      encoder.demand(SIZE);
      encoder.open(rendition('main', { keyframeIntervalS: 10 }));
      encoder.open(rendition('small', { widthPx: 160, heightPx: 90, frameRate: 15 }));
      const feeder = await encoder.feed(SIZE);
      feeder.start();
      await encoder.untilPackets('main', 40);
      encoder.send({ type: 'idr', renditionIds: [id('main')] });
      await encoder.untilPackets('main', 70);
      expect(programs(encoder)).toHaveLength(2);
      await feeder.close();
      await encoder.stop();
      const packets = encoder.packets('main');
      expectEveryTickOnce(packets);
      expect(packets.filter(({ key }) => key)).toHaveLength(2);
      const ticks = await shownTicks(coded(encoder.headers('main').at(-1)!, packets));
      packets.forEach(({ tick, repeated }, n) => repeated || expect(ticks[n]).toBe(tick));
      const small = encoder.packets('small');
      expect(small.every(({ tick }) => tick % 2 === 0)).toBe(true);
      const smallTicks = await shownTicks(coded(encoder.headers('small')[0]!, small), 0.5);
      small.forEach(({ tick, repeated }, n) => repeated || expect(smallTicks[n]).toBe(tick));
      expect(encoder.headers('small')[0]).toMatchObject({ codec: 'h264', widthPx: 160, frameRate: 15 });
      expect(encoder.of('failed')).toEqual([]);
      expect(programs(encoder)).toEqual([]);
    }, COMMAND_LINE));

  test('its program ends with the encoder that is killed', () =>
    inTime(async (encoder) => {
      encoder.demand(SIZE);
      encoder.open(rendition('main'));
      await encoder.untilPackets('main', 10);
      const running = programs(encoder);
      expect(running).toHaveLength(1);
      encoder.service.kill('SIGKILL');
      expect(await untilGone(running, 10_000)).toEqual([]);
    }, COMMAND_LINE));

  test('a program that is killed fails its rendition, with a code, and the others go on', () =>
    inTime(async (encoder) => {
      encoder.demand(SIZE);
      encoder.open(rendition('main'));
      await encoder.untilPackets('main', 10);
      const [program] = programs(encoder);
      encoder.open(rendition('other'));
      await encoder.untilPackets('other', 10);
      process.kill(program!.pid, 'SIGKILL');
      const failed = await encoder.until('failed');
      expect(failed).toMatchObject({ code: 'encoder.crashed', renditionId: 'main' });
      await encoder.untilPackets('other', encoder.packets('other').length + 10);
      await sleep(100);
      expect(programs(encoder)).toHaveLength(1);
    }, COMMAND_LINE));
});

const programs = (encoder: EncoderUnderTest) => descendants(encoder.service.pid ?? 0).filter(({ args }) => args.includes('ffmpeg'));

function expectEveryTickOnce(packets: VideoPacket[]): void {
  const ticks = packets.map(({ tick }) => tick).sort((a, b) => a - b);
  expect(ticks).toEqual(ticks.map((_, n) => ticks[0]! + n));
}

/** Packets by the header before them. */
function partsOf(encoder: EncoderUnderTest): { header: VideoHeader; packets: VideoPacket[] }[] {
  const parts: { header: VideoHeader; packets: VideoPacket[] }[] = [];
  for (const message of encoder.messages) {
    if (message.type === 'header' && message.header.kind === 'video') parts.push({ header: message.header, packets: [] });
    if (message.type === 'packet' && message.packet.kind === 'video') parts.at(-1)!.packets.push(message.packet);
  }
  return parts;
}

function coded(header: VideoHeader, packets: VideoPacket[]): Coded {
  return { settings: header, units: packets, configs: packets.map(() => header.config) };
}
