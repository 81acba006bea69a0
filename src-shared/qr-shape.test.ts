import { expect, test } from 'vitest';
import { qrShape } from './qr-shape.ts';

test('dark modules are squares, with four light ones around the code', () => {
  expect(qrShape(2, (row, column) => row === column)).toEqual({ viewBox: '-4 -4 10 10', path: 'M0 0h1v1h-1zM1 1h1v1h-1z' });
});
