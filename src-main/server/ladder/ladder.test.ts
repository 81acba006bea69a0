import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Emitter } from '../../../src-shared/disposable.ts';
import type { VideoEncoderName } from '../../../src-shared/domain/video-encoder.ts';
import type { FromLadder, ToLadder } from '../../process/ladder-contract.ts';
import type { LadderSettings } from '../../process/server-contract.ts';
import type { ServiceHost } from '../../process/service.ts';
import { buildAvcConfig } from '../../wire/codec-config.ts';
import { buildAvcBody } from '../../wire/flv.ts';
import { LiveStream } from '../hub/live-stream.ts';
import { TestSink } from '../hub/test-frames.ts';
import { SERVER_LIMITS } from '../limits.ts';
import { EncoderList } from './encoder-list.ts';
import { Ladder } from './ladder.ts';
import type { StartedLadder } from './spare-process.ts';

/** 1280x720 */
const SPS = Uint8Array.from(Buffer.from('6742c01fda014016ec0440000003004000000f03c60ca8', 'hex'));
const CONFIG = buildAvcConfig([SPS], [Uint8Array.of(0x68, 0xcb, 0x83, 0xcb, 0x20)]);
const picture = (key: boolean) => buildAvcBody({ key, packet: 'nalu', compositionMs: 0, data: Uint8Array.of(0, 0, 0, 1, 0x65) });
const ENCODERS: VideoEncoderName[] = ['h264_qsv', 'h264_vaapi', 'libx264'];

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A show of 1280x720 on the air, and processes that say what they are told to. */
function setUp() {
  const source = new LiveStream('live', SERVER_LIMITS, null);
  const lease = source.publish({ dismiss() {} });
  lease?.metadata({ framerate: 30, videocodecid: 7 });
  lease?.media('video', 0, buildAvcBody({ key: true, packet: 'header', compositionMs: 0, data: CONFIG }));
  lease?.media('video', 0, picture(true));
  const lives: { told: ToLadder[]; say: (message: FromLadder) => void; end: () => void }[] = [];
  const take = () => {
    const [messages, exits] = [new Emitter<FromLadder>(), new Emitter<unknown>()];
    const told: ToLadder[] = [];
    lives.push({ told, say: (message) => messages.emit(message), end: () => exits.emit({ code: 1, signal: null }) });
    const service = {
      send: (message: ToLadder) => told.push(message),
      kill() {},
      onMessage: messages.on.bind(messages),
      onExit: exits.on.bind(exits),
    };
    return { service, ready: true } as unknown as StartedLadder;
  };
  const settings = { rungs: 'auto' as LadderSettings['rungs'] };
  const ladder = new Ladder({
    source,
    limits: SERVER_LIMITS,
    processes: { take },
    encoders: new EncoderList({} as ServiceHost, ENCODERS, () => {}),
    wanted: () => settings.rungs,
    coresLeft: () => 8,
  });
  const opened = (life: number) => lives[life]?.told.flatMap((message) => (message.type === 'open' ? [message] : [])) ?? [];
  return { source, lease, ladder, lives, opened, settings };
}
const names = (ladder: Ladder) => ladder.offers.map(({ name }) => name);

test('a process that ends costs the hardware encoder that it worked with, or was opening', async () => {
  const { ladder, lives, opened } = setUp();
  ladder.want('480p');
  expect(opened(0)[0]?.encoders).toEqual(ENCODERS);
  lives[0]?.say({ type: 'header', rung: '480p', config: CONFIG, encoder: 'h264_vaapi' });
  lives[0]?.say({ type: 'taken' });
  lives[0]?.end();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(opened(1)[0]?.encoders).toEqual(['h264_qsv', 'libx264']);
  expect(lives[1]?.told.find(({ type }) => type === 'source')).toMatchObject({ encoder: 'h264_qsv' });
  lives[1]?.end(); // it has said nothing
  await vi.advanceTimersByTimeAsync(1_000);
  expect(opened(2)[0]?.encoders).toEqual(['libx264']);
});

test('an encoder that failed in mid-stream is not tried for the next rung', () => {
  const { ladder, lives, opened } = setUp();
  ladder.want('480p');
  lives[0]?.say({ type: 'encoder-failed', encoder: 'h264_qsv', message: 'It broke.' });
  ladder.want('240p');
  expect(opened(0).map(({ rung, encoders }) => `${rung} ${encoders[0]}`)).toEqual(['480p h264_qsv', '240p h264_vaapi']);
});

test('other rungs are chosen while they are watched: those that stay go on, the others end', () => {
  const { ladder, lives, settings } = setUp();
  expect(names(ladder)).toEqual(['480p', '360p', '240p']);
  const [leaves, stays] = [new TestSink(), new TestSink()];
  ladder.want('480p')?.watch(leaves);
  ladder.want('240p')?.watch(stays);
  settings.rungs = ['360p', '240p'];
  ladder.rechoose();
  expect(names(ladder)).toEqual(['360p', '240p']);
  expect([leaves.ended, stays.ended]).toEqual([true, false]);
  expect(lives[0]?.told.at(-1)).toEqual({ type: 'close', rung: '480p' });
  expect(ladder.want('480p')).toBeNull();
});

test('a rung is expected a moment after viewers heard of it, for as long as someone watches', () => {
  const { source, ladder } = setUp();
  const expected = () => ladder.isExpected(performance.now());
  const viewer = source.watch(new TestSink());
  vi.advanceTimersByTime(60_000);
  expect(expected()).toBe(false); // nobody has asked what there is
  expect(names(ladder)).not.toEqual([]);
  expect(expected()).toBe(false);
  vi.advanceTimersByTime(SERVER_LIMITS.ladderSpareAfterMs + 1);
  expect(expected()).toBe(true);
  vi.advanceTimersByTime(SERVER_LIMITS.ladderIdleMs - 1);
  expect(expected()).toBe(true);
  ladder.want('240p');
  expect(expected()).toBe(false); // its process is there
  ladder.end();
  viewer.leave();
  expect(expected()).toBe(true);
  vi.advanceTimersByTime(SERVER_LIMITS.ladderIdleMs + 1);
  expect(expected()).toBe(false);
});
