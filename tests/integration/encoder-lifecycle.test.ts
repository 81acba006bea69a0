import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { serviceEntry } from '../../src-main/process/service.ts';
import { decode, EncoderUnderTest, eventually, rendition, sleep } from '../support/encoder-harness.ts';

const SIZE = { widthPx: 320, heightPx: 180, frameRate: 30 };

describe('encoder process: life and death', () => {
  test('after SIGKILL a new one with the same epoch goes on in the same time', async () => {
    await using first = await EncoderUnderTest.start();
    first.demand(SIZE);
    first.open(rendition('main'));
    await first.untilPackets('main', 30);
    first.service.kill('SIGKILL');
    await eventually(() => first.exited !== null, 'its end');
    const nowUs = () => Number(process.hrtime.bigint() - first.epochNs) / 1_000;
    const killedAtUs = nowUs();

    await using second = await EncoderUnderTest.start(first.epochNs);
    second.demand(SIZE);
    second.open(rendition('main'));
    await second.untilPackets('main', 1);
    const backAtUs = nowUs();
    await second.untilPackets('main', 10);
    const [before, after] = [first.packets('main').at(-1)!, second.packets('main')[0]!];
    expect(after.key).toBe(true);
    expect(after.dtsUs).toBeGreaterThan(before.dtsUs);
    // its first tick is one of the time that it runs: nothing of the time before is made up, and nothing lies ahead
    expect(after.ptsUs).toBeGreaterThanOrEqual(killedAtUs);
    expect(after.ptsUs).toBeLessThanOrEqual(backAtUs);
    expect(second.sound()[0]!.ptsUs).toBeGreaterThan(first.sound().at(-1)!.ptsUs);
    expect(second.headers('main')[0]!.config).toEqual(first.headers('main')[0]!.config);
    await expect(decode(second.headers('main')[0]!, second.packets('main'))).resolves.toHaveLength(second.packets('main').length);
  });

  test('when its parent is gone it ends by itself', async () => {
    const child = fork(serviceEntry('encoder'), [], { execArgv: [], serialization: 'advanced' });
    child.send({ type: 'start', epochNs: process.hrtime.bigint(), listen: null });
    const [ready] = await once(child, 'message');
    expect(ready).toMatchObject({ type: 'ready', mediaUrl: null });
    child.disconnect();
    await once(child, 'exit');
  });

  test('started by hand it says what to do', async () => {
    const child = spawn(process.execPath, [serviceEntry('encoder')]);
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => (said += chunk));
    await once(child, 'close');
    expect(child.exitCode).toBe(2);
    expect(said).toContain('npm start');
  });

  test('SIGTERM flushes and ends in order', async () => {
    await using encoder = await EncoderUnderTest.start();
    encoder.demand(SIZE);
    encoder.open(rendition('main', { tune: 'none', preset: 'veryfast' })); // has pictures under way
    await encoder.untilPackets('main', 10);
    encoder.service.kill('SIGTERM');
    await eventually(() => encoder.exited !== null, 'its end');
    expect(encoder.exited).toEqual({ code: 0, signal: null });
    expect(encoder.messages.at(-1)!.type).toBe('stopped');
  });

  test('a thumbnail has the size, shape and colours of the picture', async () => {
    await using encoder = await EncoderUnderTest.start();
    encoder.demand(SIZE);
    // BT.709 limited (180, 16, 16) of pure red is Y 63, U 102, V 240
    const feeder = await encoder.feed({
      ...SIZE,
      draw: (planes) => planes.fill(63, 0, 57_600).fill(102, 57_600, 72_000).fill(240, 72_000),
    });
    feeder.start();
    await eventually(() => feeder.sent.acks > 3, 'acks');
    encoder.send({ type: 'thumbnail', requestId: 7, widthPx: 160 });
    const { jpeg, requestId } = await encoder.until('thumbnail');
    await feeder.close();
    expect(requestId).toBe(7);
    const rgb = await decodeJpeg(jpeg!);
    expect(rgb.length).toBe(160 * 90 * 3);
    const [red, green, blue] = rgb.subarray((60 * 160 + 80) * 3);
    expect(red).toBeGreaterThan(248);
    expect(green).toBeLessThan(8);
    expect(blue).toBeLessThan(8);
  });

  test('thousands of pictures, renditions opened and closed and changed sizes leave memory bounded', async () => {
    await using encoder = await EncoderUnderTest.start();
    const fast = { widthPx: 320, heightPx: 180, frameRate: 120 };
    const round = async (n: number) => {
      encoder.demand(n % 2 ? fast : { ...fast, widthPx: 384, heightPx: 216 });
      encoder.open(rendition('main', fast));
      encoder.open(rendition('side', { ...fast, widthPx: 160, heightPx: 90 }));
      const feeder = await encoder.feed(n % 2 ? fast : { ...fast, widthPx: 384, heightPx: 216 });
      feeder.start();
      await sleep(1_200);
      await feeder.close();
      const from = encoder.messages.length;
      encoder.demand(null);
      await encoder.until('closed', ({ renditionId }) => renditionId === 'main', from);
      return feeder.sent.acks;
    };
    const rssAfter = async () => (await encoder.until('stats', () => true, encoder.messages.length)).stats.rssBytes / 2 ** 20;
    let pictures = 0;
    for (let n = 0; n < 4; n++) pictures += await round(n);
    const warmMb = await rssAfter();
    for (let n = 0; n < 8; n++) pictures += await round(n);
    const endMb = await rssAfter();
    expect(pictures).toBeGreaterThan(1_000);
    // 8 rounds with ~110 pictures of 0.1 MB each: one in three leaked would be 30 MB, one encoder a round far more
    expect(endMb - warmMb).toBeLessThan(30);
    expect(encoder.of('failed')).toEqual([]);
  }, 90_000);
});

async function decodeJpeg(jpeg: Uint8Array): Promise<Buffer> {
  const ffmpeg = spawn('ffmpeg', ['-v', 'error', '-f', 'mjpeg', '-i', 'pipe:0', '-f', 'rawvideo', '-pix_fmt', 'rgb24', 'pipe:1']);
  const chunks: Buffer[] = [];
  ffmpeg.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  ffmpeg.stdin.end(jpeg);
  await once(ffmpeg, 'close');
  return Buffer.concat(chunks);
}
