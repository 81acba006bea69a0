/** Reads colour tables of the .cube format. @see Adobe, Cube LUT Specification 1.0 */
import { StudioError } from './errors.ts';

export interface CubeLut {
  title: string;
  /** one curve for each of red, green and blue, or a grid with as many entries on each side */
  kind: '1d' | '3d';
  entries: number;
  /** the lowest and the highest input of red, green and blue */
  from: readonly [red: number, green: number, blue: number];
  to: readonly [red: number, green: number, blue: number];
  /** red, green, blue and 1 of each entry; in a grid red runs fastest */
  rgba: Float32Array;
}

/** so many entries a side are in use; the specification's 256 would be 400 MB of text */
const GRID_ENTRIES_MAX = 65;
const CURVE_ENTRIES_MAX = 65_536;

/** @throws StudioError asset.bad-lut, which says in which line what is wrong */
export function parseCube(text: string, name = 'The colour table'): CubeLut {
  const fail = (why: string, line?: number): never => {
    throw new StudioError(
      'asset.bad-lut',
      `${name} is no colour table that can be used: ${line === undefined ? '' : `line ${line}: `}${why}. Export it again as a .cube file.`,
    );
  };
  const header: Header = { title: '', kind: null, entries: 0, from: [0, 0, 0], to: [1, 1, 1] };
  let rgba = new Float32Array(0);
  let filled = 0;
  for (const [index, raw] of text.split(/\r\n|\r|\n/).entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const number = index + 1;
    if (/^[A-Z]/.test(line)) {
      readKeyword(line, header, (why) => fail(why, number));
      continue;
    }
    if (header.kind === null) return fail('colours come before LUT_1D_SIZE or LUT_3D_SIZE', number);
    const total = header.kind === '1d' ? header.entries : header.entries ** 3;
    if (rgba.length === 0) rgba = new Float32Array(total * 4);
    const values = line.split(/\s+/).map(Number);
    if (values.length !== 3 || !values.every(Number.isFinite)) return fail('three numbers are expected', number);
    if (filled >= total) return fail(`there are more than the ${total} colours it announces`, number);
    rgba.set([...values, 1], filled * 4);
    filled += 1;
  }
  if (header.kind === null) return fail('it has neither LUT_1D_SIZE nor LUT_3D_SIZE');
  const total = header.kind === '1d' ? header.entries : header.entries ** 3;
  if (filled < total) return fail(`it has ${filled} of the ${total} colours it announces`);
  const { title, kind, entries, from, to } = header;
  if (from.some((low, channel) => !(low < (to[channel] ?? 0)))) return fail('DOMAIN_MIN is not below DOMAIN_MAX');
  return { title, kind, entries, from, to, rgba };
}

type Rgb = [number, number, number];
interface Header {
  title: string;
  kind: CubeLut['kind'] | null;
  entries: number;
  from: Rgb;
  to: Rgb;
}

function readKeyword(line: string, header: Header, fail: (why: string) => never): void {
  const [keyword = '', ...rest] = line.split(/\s+/);
  const numbers = rest.map(Number);
  const expect = (count: number) => {
    if (numbers.length !== count || !numbers.every(Number.isFinite))
      fail(`${keyword} takes ${count === 1 ? 'a number' : `${count} numbers`}`);
  };
  switch (keyword) {
    case 'TITLE':
      header.title = line.slice(5).trim().replace(/^"|"$/g, '').slice(0, 200);
      return;
    case 'LUT_1D_SIZE':
    case 'LUT_3D_SIZE': {
      expect(1);
      const entries = numbers[0] ?? 0;
      const most = keyword === 'LUT_1D_SIZE' ? CURVE_ENTRIES_MAX : GRID_ENTRIES_MAX;
      if (!Number.isInteger(entries) || entries < 2 || entries > most) fail(`${keyword} is not between 2 and ${most}`);
      if (header.kind !== null) fail('it announces its size twice');
      header.kind = keyword === 'LUT_1D_SIZE' ? '1d' : '3d';
      header.entries = entries;
      return;
    }
    case 'DOMAIN_MIN':
      expect(3);
      header.from = numbers as Rgb;
      return;
    case 'DOMAIN_MAX':
      expect(3);
      header.to = numbers as Rgb;
      return;
    case 'LUT_1D_INPUT_RANGE': // DaVinci Resolve's way to say it
    case 'LUT_3D_INPUT_RANGE':
      expect(2);
      header.from = [numbers[0], numbers[0], numbers[0]] as Rgb;
      header.to = [numbers[1], numbers[1], numbers[1]] as Rgb;
      return;
    default:
      fail(`${keyword.slice(0, 40)} is unknown`);
  }
}
