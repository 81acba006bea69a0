import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { IdrRequests } from './idr-requests.ts';

const EVERY_MS = 1_000;
let asked: number[];
let isThere: boolean;
let requests: IdrRequests;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] });
  asked = [];
  isThere = true;
  requests = new IdrRequests(EVERY_MS, () => isThere && asked.push(performance.now()) > 0);
});
afterEach(() => void vi.useRealTimers());

test('fifty at once are one request, which the IDR answers', () => {
  for (let i = 0; i < 50; i += 1) requests.want();
  expect(asked).toEqual([0]);
  vi.advanceTimersByTime(300);
  expect(requests.came()).toBe(true);
  vi.advanceTimersByTime(60_000);
  expect(asked).toEqual([0]); // what was put off was answered, too
  expect(requests.came()).toBe(false); // nobody asked for this one
  requests.want();
  expect(asked).toEqual([0, 60_300]);
});

test('as long as none comes, it is one a second, for who goes on asking', () => {
  for (let atMs = 0; atMs <= 3_000; atMs += 100) {
    requests.want();
    vi.advanceTimersByTime(100);
  }
  expect(asked).toEqual([0, 1_000, 2_000, 3_000]);
  vi.advanceTimersByTime(60_000);
  expect(asked).toEqual([0, 1_000, 2_000, 3_000, 4_000]); // for those who asked after the last
});

test('an IDR that comes late is no answer, and where nobody could be asked the next who wants one asks at once', () => {
  requests.want();
  vi.advanceTimersByTime(1_600);
  expect(requests.came()).toBe(false);
  isThere = false;
  requests.want();
  isThere = true;
  requests.want();
  expect(asked).toEqual([0, 1_600]);
});

test('what was put off can be forgotten', () => {
  requests.want();
  requests.want();
  requests.forget();
  vi.advanceTimersByTime(5_000);
  expect(asked).toEqual([0]);
});
