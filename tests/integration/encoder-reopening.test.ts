/** An encoder that looks ahead and cannot change its bitrate in place: while the next one fills up, it is no hang. */
import { expect, test } from 'vitest';
import { EncoderSupervisor } from '../../src-main/engine/encoder/encoder-supervisor.ts';
import { planRenditions, STREAM_RENDITION } from '../../src-main/engine/rendition/plan.ts';
import { monotonicClock } from '../../src-main/process/clock.ts';
import type { VideoPacket } from '../../src-main/process/packet.ts';
import { NodeServiceHost } from '../../src-main/process/service.ts';
import { DEFAULT_PROFILE } from '../../src-shared/domain/index.ts';
import { eventually, ORIGIN } from '../support/encoder-harness.ts';

/** 1.3 s of pictures at 30 a second. */
const AHEAD_PICTURES = 40;

test('a silence as long as its look-ahead, on an idle machine, costs no process', async () => {
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const encoder = new EncoderSupervisor({
    services: new NodeServiceHost(),
    clock: monotonicClock(),
    listen: { host: '127.0.0.1', allowedOrigins: [ORIGIN] },
    log,
  });
  const pictures: (VideoPacket & { cameMs: number })[] = [];
  const replaced: string[] = [];
  encoder.packets.on((packet) => void (packet.kind === 'video' && pictures.push({ ...packet, cameMs: performance.now() })));
  encoder.replaced.on(({ code }) => void replaced.push(code));
  const video = {
    ...DEFAULT_PROFILE.video,
    ...({ codec: 'hevc', encoder: 'libx265', preset: 'ultrafast', tune: 'none', lookaheadFrames: AHEAD_PICTURES } as const),
    ...{ widthPx: 160, heightPx: 90, keyframeIntervalS: 10, bitrateKbps: 300 },
  };
  try {
    await encoder.want(planRenditions({ ...DEFAULT_PROFILE, video }, { streaming: true, recording: 'none' }));
    await eventually(() => pictures.length >= 30, 'the first pictures');
    encoder.setBitrate(STREAM_RENDITION, 150);
    await eventually(() => pictures.filter(({ key }) => key).length === 2 || replaced.length > 0, 'the new encoder');
    await eventually(() => pictures.at(-1)!.key === false || replaced.length > 0, 'the picture after');
    expect(replaced).toEqual([]);
    const silenceMs = Math.max(...pictures.slice(1).map(({ cameMs }, n) => cameMs - pictures[n]!.cameMs));
    expect(silenceMs).toBeGreaterThan(AHEAD_PICTURES * 25); // so there was something to be mistaken in
    const ticks = pictures.map(({ tick }) => tick).toSorted((a, b) => a - b);
    expect(ticks).toEqual(ticks.map((_, n) => ticks[0]! + n));
  } finally {
    await encoder.dispose();
  }
});
