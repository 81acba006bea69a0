import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Emitter } from '../../../src-shared/disposable.ts';
import type { FromLadder } from '../../process/ladder-contract.ts';
import type { ServiceHost } from '../../process/service.ts';
import { SpareProcess } from './spare-process.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function setUp() {
  const lives: { say: (message: FromLadder) => void; end: () => void; killed: boolean }[] = [];
  const start = () => {
    const [messages, exits] = [new Emitter<FromLadder>(), new Emitter<unknown>()];
    const life = { say: (message: FromLadder) => messages.emit(message), end: () => exits.emit(null), killed: false };
    lives.push(life);
    const kill = () => {
      life.killed = true;
      life.end();
    };
    return { send() {}, kill, onMessage: messages.on.bind(messages), onExit: exits.on.bind(exits) };
  };
  return { lives, spare: new SpareProcess({ start } as unknown as ServiceHost, 0) };
}

test('one waits while somebody may come, and is handed over once', () => {
  const { lives, spare } = setUp();
  spare.keep(false);
  expect(lives).toHaveLength(0);
  spare.keep(true);
  spare.keep(true);
  expect(lives).toHaveLength(1);
  lives[0]?.say({ type: 'ready', pid: 1 });
  expect(spare.take().ready).toBe(true);
  spare.keep(false);
  expect(lives[0]?.killed).toBe(false); // it is somebody else's now
  expect(spare.take().ready).toBe(false); // who comes when there is none gets a new one
  expect(lives).toHaveLength(2);
});

test('it ends with the hope for viewers', () => {
  const { lives, spare } = setUp();
  spare.keep(true);
  spare.keep(false);
  expect(lives[0]?.killed).toBe(true);
  spare.keep(true);
  expect(lives).toHaveLength(2); // its end was wanted
});

test('one that ends by itself is not started again and again, but whoever needs one gets it', () => {
  const { lives, spare } = setUp();
  spare.keep(true);
  lives[0]?.end();
  for (let i = 0; i < 59; i += 1) {
    vi.advanceTimersByTime(1_000);
    spare.keep(true);
  }
  expect(lives).toHaveLength(1);
  expect(spare.take().ready).toBe(false);
  vi.advanceTimersByTime(2_000);
  spare.keep(true);
  expect(lives).toHaveLength(3);
});
