import { expect, test } from 'vitest';
import { capturedUs } from './captured.ts';

const NOW_US = performance.timeOrigin * 1_000 + 60_000_000;
const frame = (captureTime?: number) => ({ timestamp: 0, metadata: () => (captureTime === undefined ? {} : { captureTime }) });

test.each([
  ['the device tells', frame(59_960), -40_000],
  ['the device does not tell', frame(), 0],
  ['the browser knows no metadata', { timestamp: 0 }, 0],
  ['a time to come', frame(60_500), 0],
  ['a time of another clock', frame(12), 0],
])('%s', (_what, picture, sinceNowUs) => expect(capturedUs(picture, NOW_US) - NOW_US).toBeCloseTo(sinceNowUs, -1));
