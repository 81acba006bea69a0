import { expect, test } from 'vitest';
import { KeyframeRequests } from './keyframe-requests.ts';

test('an address may ask so often in a while, and others do not suffer for it', () => {
  const requests = new KeyframeRequests({ keyframeRequestsMax: 2, keyframeRequestsMs: 1_000 });
  expect([0, 10, 20, 999].map((atMs) => requests.admit('a', atMs))).toEqual([true, true, false, false]);
  expect(requests.admit('b', 20)).toBe(true);
  expect(requests.admit('a', 1_001)).toBe(true);
});

test('however many addresses there are, only so many are remembered', () => {
  const requests = new KeyframeRequests({ keyframeRequestsMax: 1, keyframeRequestsMs: 1_000 });
  for (let i = 0; i <= 10_000; i += 1) requests.admit(`${i}`, 0);
  expect(requests.admit('0', 0)).toBe(true); // forgotten
  expect(requests.admit('10000', 0)).toBe(false);
});
