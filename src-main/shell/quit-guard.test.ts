import { expect, test, vi } from 'vitest';
import { type Question, QuitGuard } from './quit-guard.ts';

/** A guard, the questions it put, and how to answer the last. */
function guarded(state: 'idle' | 'rehearsal' | 'live') {
  const asked: Question[] = [];
  let answer: (leave: boolean) => void = () => {};
  let fail: () => void = () => {};
  const guard = new QuitGuard((question) => {
    asked.push(question);
    return new Promise((resolve, reject) => {
      answer = resolve;
      fail = () => reject(new Error('no display'));
    });
  });
  guard.show(state);
  const event = { preventDefault: vi.fn() };
  const leave = vi.fn();
  const settle = async (step: () => void) => {
    step();
    await new Promise(setImmediate);
  };
  return {
    guard,
    asked,
    event,
    leave,
    close: () => guard.holds(event, leave),
    answer: (yes: boolean) => settle(() => answer(yes)),
    fail: () => settle(() => fail()),
  };
}

test('off air nobody is asked', () => {
  const { close, asked, event } = guarded('idle');
  expect(close()).toBe(false);
  expect(event.preventDefault).not.toHaveBeenCalled();
  expect(asked).toEqual([]);
});

test.each(['live', 'rehearsal'] as const)('%s: the window stays until the user agrees, and is asked once only', async (state) => {
  const { close, asked, event, leave, answer } = guarded(state);
  expect(close()).toBe(true);
  expect(close()).toBe(true);
  expect(event.preventDefault).toHaveBeenCalledTimes(2);
  expect(asked).toHaveLength(1);
  expect(leave).not.toHaveBeenCalled();
  await answer(true);
  expect(leave).toHaveBeenCalledOnce();
  expect(close()).toBe(false);
});

test('who stays is asked again the next time', async () => {
  const { close, asked, leave, answer } = guarded('live');
  close();
  await answer(false);
  expect(leave).not.toHaveBeenCalled();
  expect(close()).toBe(true);
  expect(asked).toHaveLength(2);
});

test('the system is not asked back, even while a question is open', async () => {
  const { guard, close, asked, leave, answer } = guarded('live');
  close();
  guard.letGo();
  expect(close()).toBe(false);
  await answer(true);
  expect(asked).toHaveLength(1);
  expect(leave).not.toHaveBeenCalled();
});

test('a question that cannot be shown keeps nobody', async () => {
  const { close, leave, fail } = guarded('live');
  close();
  await fail();
  expect(leave).toHaveBeenCalledOnce();
});
