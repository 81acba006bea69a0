import { expect, test } from 'vitest';
import { endLine, fileLine, headLine, isShowId, parseEnd, parseShowIndex, segmentLine, showId } from './show-index.ts';

const HEAD = { id: '20261123-011530-042', stream: 'live', startedAtMs: Date.UTC(2026, 10, 23, 1, 15, 30, 42), targetDurationS: 2 };
const FILE = { initBytes: 800, codecs: ['avc1.64001f', 'mp4a.40.2'], picture: { widthPx: 1280, heightPx: 720 } };
const SEGMENT = { at: 800, bytes: 1_000, durationMs: 1_999.667, atMs: 1_790_000_000_000, pictures: 60, gap: false };
const LINES = [
  headLine(HEAD),
  fileLine(FILE),
  segmentLine({ file: 0, ...SEGMENT }),
  segmentLine({ file: 0, ...SEGMENT, at: 1_800, gap: true }),
];
const END = { durationMs: 3_999, sizeBytes: 2_800 };

test('what is written is read again', () => {
  expect(parseShowIndex([...LINES, endLine(END)].join(''))).toEqual({
    head: HEAD,
    files: [FILE],
    segments: [
      { file: 0, ...SEGMENT },
      { file: 0, ...SEGMENT, at: 1_800, gap: true },
    ],
    end: END,
  });
});

test('cut off anywhere: whole lines count, and nothing else', () => {
  const text = LINES.join('');
  for (let length = 0; length <= text.length; length += 1) {
    const show = parseShowIndex(text.slice(0, length));
    const whole = text.slice(0, length).split('\n').length - 1;
    expect(show?.segments.length ?? -1).toBe(whole === 0 ? -1 : Math.max(0, whole - 2));
  }
});

test.each([
  ['no JSON', 'x\n'],
  ['another version', headLine(HEAD).replace('"version":1', '"version":2')],
  ['an id that is a path', headLine({ ...HEAD, id: '../20261123-011530-042' })],
  ['no head', fileLine(FILE)],
])('%s is no index of ours', (_, text) => {
  expect(parseShowIndex(text)).toBeNull();
});

test.each([
  ['a negative place', segmentLine({ file: 0, ...SEGMENT, at: -1 })],
  ['a size that is no number', segmentLine({ file: 0, ...SEGMENT }).replace('1000', '"1000"')],
  ['an unknown line', '{"type":"else"}\n'],
])('%s: what follows is not trusted', (_, line) => {
  const show = parseShowIndex([LINES[0], LINES[1], LINES[2], line, LINES[3]].join(''));
  expect(show?.segments.length).toBe(1);
});

test('a segment without a file is none', () => {
  expect(parseShowIndex([LINES[0], LINES[2]].join(''))?.segments).toEqual([]);
});

test('the end is known by the last line alone', () => {
  expect(parseEnd([...LINES, endLine(END)].join('').slice(-200))).toEqual(END);
  expect(parseEnd(LINES.join('').slice(-200))).toBeNull();
  expect(parseEnd(endLine(END).slice(0, -1))).toBeNull();
});

test('an id is the time, and nothing that leads elsewhere', () => {
  expect(showId(HEAD.startedAtMs)).toBe(HEAD.id);
  expect(isShowId(HEAD.id)).toBe(true);
  for (const id of ['..', '../x', '20261123-011530', '20261123-011530-042/', ' 20261123-011530-042', '20261123-011530-042\n'])
    expect(isShowId(id)).toBe(false);
});
