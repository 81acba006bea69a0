import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Emitter } from '../../src-shared/disposable.ts';
import { KeptEngine, type MortalEngine } from './kept-engine.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Engines that can be told to die, in the order in which they were started. */
function factory() {
  const exits: Emitter<void>[] = [];
  const stopped: number[] = [];
  let broken = false;
  let startMs = 0;
  let tried = 0;
  const start = async (): Promise<MortalEngine> => {
    tried += 1;
    if (startMs > 0) await new Promise((resolve) => setTimeout(resolve, startMs));
    if (broken) throw new Error('no engine');
    const exit = new Emitter<void>();
    const number = exits.push(exit);
    return {
      onExit: (listener) => exit.on(listener),
      connectRenderer: () => Promise.resolve({ kind: 'webSocket', url: `ws://engine-${number}`, token: '' }),
      openMediaPort: () => {},
      asset: () => Promise.resolve(null),
      networkBack: () => {},
      stop: async () => void stopped.push(number),
    };
  };
  return {
    start,
    exits,
    stopped,
    tried: () => tried,
    breakDown: () => void (broken = true),
    slowDown: () => void (startMs = 1_000),
  };
}

const contents = {} as Parameters<KeptEngine['connectRenderer']>[0];

test('whoever asks after an engine died waits for the next one', async () => {
  const { start, exits } = factory();
  const kept = await KeptEngine.start(start);
  exits[0]?.emit();
  const answer = kept.connectRenderer(contents);
  await vi.advanceTimersByTimeAsync(500);
  expect(await answer).toMatchObject({ url: 'ws://engine-2' });
});

test('an engine that keeps dying young is given up, and whoever asks is told', async () => {
  const { start, exits } = factory();
  const kept = await KeptEngine.start(start);
  for (let died = 0; died < 6; died += 1) {
    exits[died]?.emit();
    await vi.advanceTimersByTimeAsync(10_000);
  }
  expect(exits).toHaveLength(6);
  await expect(kept.asset('x')).rejects.toMatchObject({ code: 'internal', message: expect.stringContaining('keeps ending') });
});

test('an engine that lived long does not count with those that died young', async () => {
  const { start, exits } = factory();
  await KeptEngine.start(start);
  for (let died = 0; died < 12; died += 1) {
    await vi.advanceTimersByTimeAsync(61_000);
    exits[died]?.emit();
    await vi.advanceTimersByTimeAsync(1_000);
  }
  expect(exits).toHaveLength(13);
});

test('one that cannot be started again is tried a few times', async () => {
  const { start, exits, breakDown } = factory();
  const kept = await KeptEngine.start(start);
  breakDown();
  exits[0]?.emit();
  const asked = expect(kept.asset('x')).rejects.toMatchObject({ code: 'internal' });
  await vi.advanceTimersByTimeAsync(60_000);
  await asked;
});

test('an engine that ends because we stop it stays ended', async () => {
  const { start, exits, stopped } = factory();
  const kept = await KeptEngine.start(start);
  await kept.stop();
  exits[0]?.emit();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(stopped).toEqual([1]);
  expect(exits).toHaveLength(1);
});

test('who stops while the next engine waits for its turn starts none', async () => {
  const { start, exits, tried } = factory();
  const kept = await KeptEngine.start(start);
  exits[0]?.emit();
  const stopping = kept.stop();
  await vi.advanceTimersByTimeAsync(60_000);
  await stopping;
  expect(tried()).toBe(1);
});

test('who stops while the next engine starts ends that one, or tries no other when it fails', async () => {
  const well = factory();
  const kept = await KeptEngine.start(well.start);
  well.slowDown();
  well.exits[0]?.emit();
  await vi.advanceTimersByTimeAsync(700);
  const stopping = kept.stop();
  await vi.advanceTimersByTimeAsync(60_000);
  await stopping;
  expect(well.stopped).toEqual([2]);

  const ill = factory();
  const other = await KeptEngine.start(ill.start);
  ill.slowDown();
  ill.breakDown();
  ill.exits[0]?.emit();
  await vi.advanceTimersByTimeAsync(700);
  const ending = other.stop();
  await vi.advanceTimersByTimeAsync(60_000);
  await ending;
  expect(ill.tried()).toBe(2);
});
