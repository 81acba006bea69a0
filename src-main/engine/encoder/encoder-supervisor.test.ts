import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Emitter } from '../../../src-shared/disposable.ts';
import { DEFAULT_PROFILE } from '../../../src-shared/domain/index.ts';
import type { Failure } from '../../../src-shared/errors.ts';
import { monotonicClock } from '../../process/clock.ts';
import type { FromEncoder, ToEncoder } from '../../process/encoder-contract.ts';
import type { ServiceHost } from '../../process/service.ts';
import type { Log } from '../log.ts';
import { planRenditions, STREAM_RENDITION } from '../rendition/plan.ts';
import { EncoderSupervisor } from './encoder-supervisor.ts';

const log: Log = { debug() {}, info() {}, warn() {}, error() {} };
const on = planRenditions(DEFAULT_PROFILE, { streaming: true, recording: 'none' });
const off = planRenditions(DEFAULT_PROFILE, { streaming: false, recording: 'none' });

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Processes that are ready at once and end when told. */
function setUp() {
  const lives: { messages: Emitter<FromEncoder>; sent: ToEncoder[]; crash(): void }[] = [];
  const start = () => {
    const messages = new Emitter<FromEncoder>();
    const exits = new Emitter<{ code: number | null; signal: string | null }>();
    const sent: ToEncoder[] = [];
    lives.push({ messages, sent, crash: () => exits.emit({ code: null, signal: 'SIGSEGV' }) });
    queueMicrotask(() => messages.emit({ type: 'ready', mediaUrl: 'ws://127.0.0.1:1', pid: 1 }));
    const send = (message: ToEncoder) => void sent.push(message);
    return { pid: 1, send, kill() {}, onMessage: (l: (m: FromEncoder) => void) => messages.on(l), onExit: exits.on.bind(exits) };
  };
  const services = { start } as unknown as ServiceHost;
  const encoder = new EncoderSupervisor({ services, clock: monotonicClock(), listen: { host: '127.0.0.1', allowedOrigins: [] }, log });
  const replaced: Failure[] = [];
  encoder.replaced.on((failure) => void replaced.push(failure));
  const settle = () => vi.advanceTimersByTimeAsync(0);
  const crash = async () => {
    lives.at(-1)?.crash();
    await settle();
  };
  return { encoder, lives, replaced, crash, settle };
}

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
  expect(lives).toHaveLength(3);
  await encoder.want(on);
  expect(lives).toHaveLength(4);
  expect(replaced).toHaveLength(3);
});

test('counters count since the session began, over a crash, too', async () => {
  const { encoder, lives, crash } = setUp();
  const { restarts: _, ...own } = encoder.stats;
  const count = (framesNew: number) => lives.at(-1)?.messages.emit({ type: 'stats', stats: { ...own, framesNew } });
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
