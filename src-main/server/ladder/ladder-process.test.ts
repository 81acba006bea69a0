import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Emitter } from '../../../src-shared/disposable.ts';
import type { FromLadder, ToLadder } from '../../process/ladder-contract.ts';
import { LadderProcess } from './ladder-process.ts';
import type { StartedLadder } from './spare-process.ts';

const HANG_MS = 6_000;
const PICTURE: ToLadder = { type: 'picture', picture: { dtsMs: 0, ptsMs: 0, key: true, data: new Uint8Array(1) } };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Processes that say what they are told to, and end when they are told to or by SIGKILL. They get a picture at once, as from a GOP cache. */
function setUp() {
  const lives: { say: (message: FromLadder) => void; end: (code: number) => void }[] = [];
  const take = () => {
    const messages = new Emitter<FromLadder>();
    const exits = new Emitter<{ code: number | null; signal: string | null }>();
    lives.push({ say: (message) => messages.emit(message), end: (code) => exits.emit({ code, signal: null }) });
    const kill = (signal: string) => void (signal === 'SIGKILL' && exits.emit({ code: null, signal }));
    const service = { pid: 1, send() {}, kill, onMessage: messages.on.bind(messages), onExit: exits.on.bind(exits), lead() {} };
    return { service, ready: false } as StartedLadder;
  };
  const gaveUp = vi.fn();
  const ladder: LadderProcess = new LadderProcess({
    take,
    hangMs: HANG_MS,
    onStart: () => ladder.send(PICTURE),
    onMessage() {},
    onRoom() {},
    onCrash() {},
    onGiveUp: gaveUp,
  });
  const ticker = setInterval(() => ladder.tick(), 1_000);
  ladder.start();
  return { ladder, lives, gaveUp, stop: () => clearInterval(ticker) };
}

test('one that crashes on its first picture each time is given up', async () => {
  const { lives, gaveUp, stop } = setUp();
  for (let i = 0; i < 20; i += 1) {
    lives.at(-1)?.say({ type: 'ready', pid: 1 });
    lives.at(-1)?.end(1);
    if (gaveUp.mock.calls.length > 0) break;
    await vi.advanceTimersByTimeAsync(10_000);
  }
  await vi.advanceTimersByTimeAsync(60_000);
  expect(lives).toHaveLength(3);
  expect(gaveUp).toHaveBeenCalledTimes(1);
  stop();
});

test('one that takes nothing hangs; after three of them it is given up', async () => {
  const { lives, gaveUp, stop } = setUp();
  lives[0]?.say({ type: 'ready', pid: 1 });
  await vi.advanceTimersByTimeAsync(HANG_MS);
  expect(lives).toHaveLength(1);
  for (let i = 0; i < 9; i += 1) {
    await vi.advanceTimersByTimeAsync(1_000);
    lives.at(-1)?.say({ type: 'ready', pid: 1 });
    await vi.advanceTimersByTimeAsync(HANG_MS);
  }
  expect(lives).toHaveLength(3);
  expect(gaveUp).toHaveBeenCalledTimes(1);
  stop();
});

test('to start may take longer than a picture, but not for ever', async () => {
  const { lives, gaveUp, stop } = setUp();
  await vi.advanceTimersByTimeAsync(3 * HANG_MS);
  expect(lives).toHaveLength(1);
  lives[0]?.say({ type: 'ready', pid: 1 });
  await vi.advanceTimersByTimeAsync(HANG_MS - 1_000);
  lives[0]?.say({ type: 'taken' });
  lives[0]?.end(1);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(lives).toHaveLength(2);
  await vi.advanceTimersByTimeAsync(5 * HANG_MS + 2_000);
  expect(lives).toHaveLength(3); // the second was never ready
  expect(gaveUp).not.toHaveBeenCalled();
  stop();
});

test('crashes now and then are borne, six in half a minute are not, whatever was made between them', async () => {
  const { lives, gaveUp, stop } = setUp();
  const crash = () => {
    lives.at(-1)?.say({ type: 'ready', pid: 1 });
    lives.at(-1)?.say({ type: 'taken' });
    lives.at(-1)?.end(1);
  };
  for (let i = 0; i < 8; i += 1) {
    crash();
    await vi.advanceTimersByTimeAsync(20_000);
  }
  expect(lives).toHaveLength(9);
  expect(gaveUp).not.toHaveBeenCalled();
  lives.at(-1)?.say({ type: 'ready', pid: 1 });
  lives.at(-1)?.say({ type: 'taken' });
  await vi.advanceTimersByTimeAsync(60_000);
  for (let i = 0; i < 6; i += 1) {
    crash();
    await vi.advanceTimersByTimeAsync(200 * 2 ** i);
  }
  expect(gaveUp).toHaveBeenCalledTimes(1);
  expect(lives).toHaveLength(14);
  stop();
});
