import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Emitter } from '../../../src-shared/disposable.ts';
import { DEFAULT_PROFILE } from '../../../src-shared/domain/index.ts';
import type { Failure } from '../../../src-shared/errors.ts';
import { monotonicClock } from '../../process/clock.ts';
import type { FromEncoder, ToEncoder } from '../../process/encoder-contract.ts';
import type { ServiceHost } from '../../process/service.ts';
import type { Log } from '../log.ts';
import { planRenditions, STREAM_RENDITION } from '../rendition/plan.ts';
import { changeActivity, type EncoderChanged } from './encoder-choices.ts';
import { EncoderSupervisor } from './encoder-supervisor.ts';
import { FIRST_BAR_US } from './fallback.ts';
import { CHECK_MS, SILENT_CHECKS_MAX } from './packet-watch.ts';
import { SPARE_AFTER_MS, SPARE_FREE_BYTES, SpareEncoder } from './spare-encoder.ts';

const log: Log = { debug() {}, info() {}, warn() {}, error() {} };
const on = planRenditions(DEFAULT_PROFILE, { streaming: true, recording: 'none' });
const nvenc = { ...DEFAULT_PROFILE, video: { ...DEFAULT_PROFILE.video, encoder: 'h264_nvenc' as const } };
const off = planRenditions(DEFAULT_PROFILE, { streaming: false, recording: 'none' });

let now = 0;
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** of which no system tells how it is */
const NO_SUCH_PID = 2 ** 31;
const picture = (key = true): FromEncoder => ({
  type: 'packet',
  packet: {
    kind: 'video',
    renditionId: STREAM_RENDITION,
    ptsUs: 0,
    dtsUs: 0,
    durationUs: 1,
    key,
    data: new Uint8Array(),
    tick: 0,
    captureTimeUs: 0,
    repeated: false,
  },
});

/** Processes that are ready at once and end when told. */
function setUp() {
  const lives: { messages: Emitter<FromEncoder>; sent: ToEncoder[]; leads: boolean; killed: boolean; crash(): void }[] = [];
  const start = () => {
    const messages = new Emitter<FromEncoder>();
    const exits = new Emitter<{ code: number | null; signal: string | null }>();
    const sent: ToEncoder[] = [];
    const life = { messages, sent, leads: false, killed: false, crash: () => exits.emit({ code: null, signal: 'SIGSEGV' }) };
    lives.push(life);
    queueMicrotask(() => messages.emit({ type: 'ready', mediaUrl: 'ws://127.0.0.1:1', pid: NO_SUCH_PID }));
    const send = (message: ToEncoder) => void sent.push(message);
    return {
      pid: 1,
      send,
      kill: () => void (life.killed = true),
      lead: () => void (life.leads = true),
      onMessage: (l: (m: FromEncoder) => void) => messages.on(l),
      onExit: exits.on.bind(exits),
    };
  };
  const services = { start } as unknown as ServiceHost;
  const encoder = new EncoderSupervisor({
    services,
    clock: { ...monotonicClock(), nowUs: () => now },
    listen: { host: '127.0.0.1', allowedOrigins: [] },
    log,
  });
  const replaced: Failure[] = [];
  encoder.replaced.on((failure) => void replaced.push(failure));
  const settle = () => vi.advanceTimersByTimeAsync(0);
  const crash = async () => {
    lives.findLast(({ leads }) => leads)?.crash();
    await settle();
  };
  return { encoder, services, lives, replaced, crash, settle };
}

/** The encoder at work gives pictures for so long. */
async function give(lives: { messages: Emitter<FromEncoder>; leads: boolean }[], ms: number): Promise<void> {
  for (let passedMs = 0; passedMs <= ms; passedMs += 250) {
    lives.findLast(({ leads }) => leads)?.messages.emit(picture());
    await vi.advanceTimersByTimeAsync(250);
  }
}

describe('a spare one', () => {
  async function working() {
    const all = setUp();
    await all.encoder.want(on);
    expect(all.lives.map(({ leads }) => leads)).toEqual([true, false]);
    return all;
  }

  test('loads while a show begins, before there is a picture', async () => {
    const { encoder, lives } = setUp();
    await encoder.want(on);
    expect(lives.map(({ leads }) => leads)).toEqual([true, false]);
    await encoder.want(off);
    expect(lives[1]?.killed).toBe(true);
    await encoder.want(on); // the process at work is kept
    expect(lives.map(({ leads }) => leads)).toEqual([true, false, false]);
  });

  test('takes over from one that crashes, in the same turn, with all that is wanted', async () => {
    const { lives, replaced } = await working();
    lives[0]?.messages.emit({ type: 'packet', packet: { kind: 'audio', ptsUs: 5_000_000, durationUs: 21_333, data: new Uint8Array() } });
    expect(lives[1]?.sent.map(({ type }) => type)).toEqual(['start']);
    lives[0]?.crash();
    expect(lives[1]?.leads).toBe(true);
    expect(lives[1]?.sent.map(({ type }) => type)).toEqual(['start', 'demand', 'open']);
    expect(lives[1]?.sent[1]).toMatchObject({ soundFromUs: 5_021_333 });
    await vi.advanceTimersByTimeAsync(0);
    expect(replaced).toHaveLength(1);
    await give(lives, SPARE_AFTER_MS);
    expect(lives).toHaveLength(3);
  });

  test('takes over from one that hangs, whose end nobody waits for, and whose words nobody hears any more', async () => {
    const { encoder, lives, replaced } = await working();
    const packets: unknown[] = [];
    encoder.packets.on((packet) => void packets.push(packet));
    lives[0]?.messages.emit(picture());
    await vi.advanceTimersByTimeAsync(CHECK_MS * SILENT_CHECKS_MAX);
    expect(lives[0]?.killed).toBe(true);
    expect(lives[1]?.leads).toBe(true);
    expect(replaced).toMatchObject([{ code: 'encoder.hung' }]);
    lives[0]?.messages.emit(picture());
    expect(packets).toHaveLength(1);
  });

  test('goes when nothing is wanted, and is not started for the last pictures of a show', async () => {
    const { encoder, lives } = await working();
    await encoder.want(off);
    expect(lives[1]?.killed).toBe(true);
    lives[0]?.messages.emit(picture());
    await vi.advanceTimersByTimeAsync(10 * SPARE_AFTER_MS);
    expect(lives).toHaveLength(2);
    await encoder.want(on);
    await encoder.want(off);
  });

  test('is left out while memory is short, and comes when there is enough', async () => {
    const { services, lives } = setUp();
    let freeBytes = SPARE_FREE_BYTES - 1;
    const spare = new SpareEncoder({ services, clock: monotonicClock(), listen: null, log }, () => freeBytes);
    spare.prepare();
    await vi.advanceTimersByTimeAsync(SPARE_AFTER_MS);
    expect(spare.take()).toBeNull();
    freeBytes += 1;
    await vi.advanceTimersByTimeAsync(30_000);
    expect(lives).toHaveLength(1);
    spare.retire();
  });
});

test('crashes of processes that have each lasted are answered at once', async () => {
  const { encoder, lives, crash } = setUp();
  await encoder.want(on);
  for (let times = 1; times < 6; times += 1) {
    await vi.advanceTimersByTimeAsync(0);
    lives.findLast(({ leads }) => leads)?.messages.emit(picture());
    now += 10_000_000;
    await crash();
    expect(lives).toHaveLength(times + 1);
  }
});

test('nothing starts a process that keeps crashing before its time, and each new one is announced', async () => {
  const { encoder, lives, replaced, crash } = setUp();
  await encoder.want(on);
  expect(replaced).toEqual([]);
  await crash();
  await crash();
  expect(lives).toHaveLength(3);
  expect(replaced).toHaveLength(2);
  await crash(); // the third in a row: 250 ms
  await expect(encoder.openMedia()).rejects.toMatchObject({ code: 'media.not-connected' });
  await encoder.want(off);
  await encoder.want(on);
  expect(lives).toHaveLength(3);
  await vi.advanceTimersByTimeAsync(300);
  expect(lives).toHaveLength(4);
  expect(replaced).toHaveLength(3);
  expect(await encoder.openMedia()).toMatchObject({ kind: 'webSocket' });
});

test('a start that a wish brings about after a crash is announced, too', async () => {
  const { encoder, lives, replaced, crash } = setUp();
  await encoder.want(on);
  for (let times = 0; times < 3; times += 1) await crash();
  await encoder.want(off);
  await vi.advanceTimersByTimeAsync(300); // nothing is wanted: nothing is started
  expect(lives.filter(({ leads }) => leads)).toHaveLength(3);
  await encoder.want(on);
  expect(lives.filter(({ leads }) => leads)).toHaveLength(4);
  expect(replaced).toHaveLength(3);
});

test('a wish for another encode ends the wait for the next process; the same once more does not', async () => {
  const { encoder, lives, crash } = setUp();
  const working = () => lives.findLast(({ leads }) => leads);
  await encoder.want(planRenditions(nvenc, { streaming: true, recording: 'none' }));
  for (let times = 0; times < 3; times += 1) await crash();
  await encoder.want(planRenditions(nvenc, { streaming: true, recording: 'none' }));
  expect(lives.filter(({ leads }) => leads)).toHaveLength(3);
  await encoder.want(on);
  expect(lives.filter(({ leads }) => leads)).toHaveLength(4);
  expect(working()?.sent.at(-1)).toMatchObject({ type: 'open', rendition: { video: { encoder: 'libx264' } } });
  await vi.advanceTimersByTimeAsync(1_000);
  expect(lives.filter(({ leads }) => leads)).toHaveLength(4);
});

test('an encode that did not come up is opened once more when that is asked for', async () => {
  const { encoder, lives } = setUp();
  await encoder.want(on);
  const opens = () => lives[0]?.sent.filter(({ type }) => type === 'open').length;
  let isTold = false;
  encoder.failed.on(() => void (isTold = true));
  while (!isTold)
    lives[0]?.messages.emit({ type: 'failed', code: 'encoder.open-failed', message: 'No device.', renditionId: STREAM_RENDITION });
  const opened = opens() ?? 0;
  await encoder.want(on);
  expect(opens()).toBe(opened);
  await encoder.want(on, true);
  await encoder.want(on, true);
  expect(opens()).toBe(opened + 1);
});

test('counters count since the session began, over a crash, too', async () => {
  const { encoder, lives, crash } = setUp();
  const { restarts: _, encodes: __, relief: ___, ...own } = encoder.stats;
  const count = (framesNew: number) =>
    lives.findLast(({ leads }) => leads)?.messages.emit({ type: 'stats', stats: { ...own, framesNew, loads: [] } });
  await encoder.want(on);
  count(100);
  expect(encoder.stats).toMatchObject({ framesNew: 100, restarts: 0 });
  await crash();
  expect(encoder.stats).toMatchObject({ framesNew: 100, restarts: 1 });
  count(20);
  expect(encoder.stats.framesNew).toBe(120);
  await encoder.want(off);
  await encoder.want(on);
  expect(encoder.stats).toMatchObject({ framesNew: 0, restarts: 0 });
  count(25);
  expect(encoder.stats.framesNew).toBe(5);
});

test('a bitrate set while it runs is kept over a crash and another size, and forgotten with the encode', async () => {
  const { encoder, lives, crash } = setUp();
  const opened = () => lives.flatMap(({ sent }) => sent.flatMap((message) => (message.type === 'open' ? [message.rendition.video] : [])));
  await encoder.want(on);
  encoder.setBitrate(STREAM_RENDITION, 800);
  expect(lives[0]?.sent.at(-1)).toEqual({ type: 'bitrate', renditionId: STREAM_RENDITION, bitrateKbps: 800 });
  await crash();
  const size = { widthPx: 640, heightPx: 360, frameRate: 30 };
  await encoder.want(planRenditions(DEFAULT_PROFILE, { streaming: true, recording: 'none', streams: new Map([[STREAM_RENDITION, size]]) }));
  expect(lives[1]?.sent.some(({ type }) => type === 'close')).toBe(false); // in its place, so that no picture is lost
  await encoder.want(off);
  encoder.setBitrate(STREAM_RENDITION, 700); // not wanted: nothing to set
  await encoder.want(on);
  expect(opened().map(({ bitrateKbps, widthPx }) => [bitrateKbps, widthPx])).toEqual([
    [2_500, 1_280],
    [800, 1_280],
    [800, 640],
    [2_500, 1_280],
  ]);
});

describe('another encoder', () => {
  const wanted = planRenditions(nvenc, { streaming: true, recording: 'none' });
  const opened = (lives: { sent: ToEncoder[] }[]) =>
    lives.flatMap(({ sent }) => sent.flatMap((message) => (message.type === 'open' ? [message.rendition.video.encoder] : [])));
  const fail = (code: 'encoder.open-failed' | 'encoder.crashed'): FromEncoder => ({
    type: 'failed',
    code,
    message: 'No device.',
    renditionId: STREAM_RENDITION,
  });

  test('takes the place of one that does not open, in the same process; who asked hears of it when none is left', async () => {
    const { encoder, lives } = setUp();
    const changes: EncoderChanged[] = [];
    const failed: unknown[] = [];
    encoder.changed.on((change) => void changes.push(change));
    encoder.failed.on((failure) => void failed.push(failure));
    await encoder.want(wanted);
    lives[0]?.messages.emit(fail('encoder.open-failed'));
    expect(lives.filter(({ leads }) => leads)).toHaveLength(1);
    expect(opened(lives)).toEqual(['h264_nvenc', 'libx264']);
    expect(changes.map((change) => changeActivity(change).message)).toEqual([
      'h264_nvenc keeps failing, so libx264 at a fast preset takes its place and the show goes on. It is tried again in 2 minutes.',
    ]);
    expect(encoder.stats.encodes).toMatchObject([{ encoder: 'libx264', insteadOf: 'h264_nvenc', retryAtUs: now + FIRST_BAR_US }]);
    expect(failed).toEqual([]);
    lives[0]?.messages.emit(fail('encoder.open-failed'));
    expect(failed).toHaveLength(1);
  });

  test('takes over after a second failure, and the better one is tried again where an IDR is due', async () => {
    const { encoder, lives, settle } = setUp();
    const key = () => lives.findLast(({ leads }) => leads)?.messages.emit(picture());
    await encoder.want(wanted);
    for (let times = 0; times < 2; times += 1) {
      key();
      lives.findLast(({ leads }) => leads)?.messages.emit(fail('encoder.crashed'));
      await settle();
    }
    expect(opened(lives)).toEqual(['h264_nvenc', 'h264_nvenc', 'libx264']);
    key();
    now += FIRST_BAR_US - 1;
    key();
    now += 1;
    lives.findLast(({ leads }) => leads)?.messages.emit(picture(false)); // an IDR has just been
    expect(opened(lives)).toHaveLength(3);
    now += nvenc.video.keyframeIntervalS * 1e6;
    lives.findLast(({ leads }) => leads)?.messages.emit(picture(false));
    expect(opened(lives)).toEqual(['h264_nvenc', 'h264_nvenc', 'libx264', 'h264_nvenc']);
    expect(encoder.stats.encodes).toMatchObject([{ encoder: 'h264_nvenc', insteadOf: null, retryAtUs: null }]);
  });
});

describe('settings with another bitrate', () => {
  const at = (bitrateKbps: number, more = {}) =>
    planRenditions(
      { ...DEFAULT_PROFILE, video: { ...DEFAULT_PROFILE.video, bitrateKbps, ...more } },
      { streaming: true, recording: 'none' },
    );

  test('set it in place, unless the network allows less at present; what is opened anew has it from the start', async () => {
    const { encoder, lives } = setUp();
    await encoder.want(at(2_500));
    const sent = lives[0]?.sent ?? [];
    const news = () => sent.splice(0).map((message) => [message.type, 'bitrateKbps' in message && message.bitrateKbps]);
    news();
    await encoder.want(at(3_000));
    expect(news()).toEqual([['bitrate', 3_000]]);
    encoder.setBitrate(STREAM_RENDITION, 1_200);
    news();
    await encoder.want(at(4_000));
    expect(news()).toEqual([]);
    await encoder.want(at(1_000));
    expect(news()).toEqual([['bitrate', 1_000]]);
    await encoder.want(at(2_000, { preset: 'slow' }));
    const [opened] = sent.splice(0);
    expect(opened).toMatchObject({ type: 'open', rendition: { video: { bitrateKbps: 2_000, preset: 'slow' } } });
  });

  test('another sound is told without another demand for pictures', async () => {
    const { encoder, lives } = setUp();
    await encoder.want(at(2_500));
    lives[0]?.sent.splice(0);
    await encoder.want({ ...at(2_500), audio: { ...DEFAULT_PROFILE.audio, bitrateKbps: 96 } });
    expect(lives[0]?.sent).toMatchObject([{ type: 'demand', demand: { widthPx: 1280 }, audio: { bitrateKbps: 96 } }]);
  });
});
