import { describe, expect, test } from 'vitest';
import { parseCube } from './cube-lut.ts';

const corners = ['0 0 0', '1 0 0', '0 1 0', '1 1 0', '0 0 1', '1 0 1', '0 1 1', '1 1 1'].join('\n');

test('a grid, with title, domain, comments and line ends of every system', () => {
  const text = `# made by hand\r\nTITLE "Warm"\r\nLUT_3D_SIZE 2\rDOMAIN_MIN 0 0 0\nDOMAIN_MAX 1 2 1\n\n${corners}\n`;
  const lut = parseCube(text);
  expect(lut).toMatchObject({ title: 'Warm', kind: '3d', entries: 2, from: [0, 0, 0], to: [1, 2, 1] });
  expect([...lut.rgba.subarray(4, 8)]).toEqual([1, 0, 0, 1]);
  expect(lut.rgba.length).toBe(32);
});

test('curves, with the range as Resolve writes it', () => {
  const lut = parseCube('LUT_1D_SIZE 3\nLUT_1D_INPUT_RANGE 0.0 2.0\n0 0 0\n.25 .5 1e0\n1 1 1');
  expect(lut).toMatchObject({ kind: '1d', entries: 3, from: [0, 0, 0], to: [2, 2, 2] });
  expect([...lut.rgba.subarray(4, 7)]).toEqual([0.25, 0.5, 1]);
});

describe('what is no colour table says where', () => {
  test.each([
    ['', 'neither LUT_1D_SIZE nor'],
    ['<html>', 'line 1: colours come before'],
    ['LUT_3D_SIZE 2\n0 0 0', 'has 1 of the 8 colours'],
    [`LUT_3D_SIZE 2\n${corners}\n0 0 0`, 'line 10: there are more than the 8'],
    ['LUT_3D_SIZE 200', 'line 1: LUT_3D_SIZE is not between 2 and 65'],
    ['LUT_3D_SIZE 2.5', 'not between'],
    ['LUT_1D_SIZE 2\nLUT_3D_SIZE 2', 'line 2: it announces its size twice'],
    ['LUT_1D_SIZE 2\n0 0\n1 1 1', 'line 2: three numbers'],
    ['LUT_1D_SIZE 2\n0 0 zero\n1 1 1', 'line 2: three numbers'],
    ['LUT_1D_SIZE 2\nDOMAIN_MIN 1 1\n', 'line 2: DOMAIN_MIN takes 3 numbers'],
    ['LUT_1D_SIZE 2\nDOMAIN_MIN 1 1 1\n0 0 0\n1 1 1', 'DOMAIN_MIN is not below'],
    ['SHAPER 1', 'line 1: SHAPER is unknown'],
  ])('%j: %s', (text, why) => {
    expect(() => parseCube(text, 'look.cube')).toThrow(
      expect.objectContaining({ code: 'asset.bad-lut', message: expect.stringContaining(why) }),
    );
  });
});
