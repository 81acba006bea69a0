import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { RenditionId } from '../../../src-shared/domain/index.ts';
import {
  BUSY_CHECKS_MAX,
  CHECK_MS,
  ENDING_CHECKS_MAX,
  FIRST_CHECKS_MAX,
  PacketWatch,
  QUIET_CHECKS,
  SILENT_CHECKS_MAX,
} from './packet-watch.ts';
import { readVitals, type Vitals } from './vitals.ts';

const stream = { id: RenditionId.parse('stream'), frameRate: 30 };
const recording = { id: RenditionId.parse('recording'), frameRate: 30 };
const AT_WORK: Vitals = { atWork: true };
const IDLE: Vitals = { atWork: false };
let silences = 0;
let vitals: Vitals | null;
let watch: PacketWatch;

beforeEach(() => {
  vi.useFakeTimers();
  silences = 0;
  vitals = AT_WORK;
  watch = new PacketWatch({ onSilence: () => void (silences += 1), vitals: () => vitals });
});
afterEach(() => {
  watch.watch([]);
  vi.useRealTimers();
});

const pass = (checks: number, alive: RenditionId[] = [], speaks = alive.length > 0) => {
  for (let check = 0; check < checks; check += 1) {
    for (const id of alive) watch.packet(id);
    if (speaks) watch.heard();
    vi.advanceTimersByTime(CHECK_MS);
  }
};

describe('silence after packets', () => {
  test('500 ms with nobody at work are a hang, noticed once', () => {
    vitals = IDLE;
    watch.watch([stream]);
    pass(20, [stream.id]);
    pass(QUIET_CHECKS - 2);
    expect(silences).toBe(0);
    pass(2);
    expect(silences).toBe(1);
    pass(QUIET_CHECKS);
    expect(silences).toBe(1);
  });

  test('a process at work, or waiting for a core, has 2 s', () => {
    watch.watch([stream]);
    pass(20, [stream.id]);
    pass(SILENT_CHECKS_MAX - 2);
    expect(silences).toBe(0);
    pass(1);
    expect(silences).toBe(1);
  });

  test('one that was seen at work in the last 250 ms is not judged yet', () => {
    watch.watch([stream]);
    pass(1, [stream.id]);
    pass(QUIET_CHECKS + 2);
    vitals = IDLE;
    pass(4);
    expect(silences).toBe(0);
    pass(1);
    expect(silences).toBe(1);
  });

  test('where the system does not tell: 1 s without a word, or 2 s without a picture', () => {
    vitals = null;
    watch.watch([stream]);
    pass(1, [stream.id]);
    pass(18);
    expect(silences).toBe(0);
    pass(1);
    expect(silences).toBe(1);
    pass(1, [stream.id]);
    pass(SILENT_CHECKS_MAX - 2, [], true);
    expect(silences).toBe(1);
    pass(1, [], true);
    expect(silences).toBe(2);
  });

  test('a process that speaks on may hang as well, and has 4 s while it is busy', () => {
    watch.watch([stream]);
    pass(1, [stream.id]);
    pass(BUSY_CHECKS_MAX - 2, [], true);
    expect(silences).toBe(0);
    pass(1, [], true);
    expect(silences).toBe(1);
    vitals = IDLE;
    pass(1, [stream.id]);
    pass(QUIET_CHECKS - 1, [], true);
    expect(silences).toBe(2);
  });

  test('one silent rendition is noticed beside one that works', () => {
    vitals = IDLE;
    watch.watch([stream, recording]);
    pass(4, [stream.id, recording.id]);
    pass(QUIET_CHECKS, [recording.id]);
    expect(silences).toBe(1);
  });

  test('four intervals of a slow rendition are no silence', () => {
    vitals = IDLE;
    watch.watch([{ ...stream, frameRate: 2 }]);
    pass(1, [stream.id]);
    pass(38);
    expect(silences).toBe(0);
    pass(1);
    expect(silences).toBe(1);
  });
});

test('an encoder that takes over may look ahead first, and a hang is still found 500 ms after that', () => {
  vitals = IDLE;
  watch.watch([stream]);
  pass(20, [stream.id]);
  watch.reopened(stream.id, 30); // 1 s
  pass(20 + QUIET_CHECKS - 1, [], true);
  expect(silences).toBe(0);
  pass(1, [], true);
  expect(silences).toBe(1);
  pass(20, [stream.id]);
  watch.reopened(stream.id, 30);
  pass(10, [], true);
  pass(1, [stream.id]); // it has: from here on all is as before
  pass(QUIET_CHECKS - 2, [], true);
  expect(silences).toBe(1);
  pass(1, [], true);
  expect(silences).toBe(2);
});

test('the first packet of a process may take 10 s, and after a replacement again, and of a rendition opened anew', () => {
  vitals = IDLE;
  watch.watch([stream]);
  pass(FIRST_CHECKS_MAX - 1);
  expect(silences).toBe(0);
  pass(1);
  expect(silences).toBe(1);
  for (const again of [() => watch.reset(), () => watch.opening(stream.id)]) {
    watch.packet(stream.id);
    expect(watch.works(stream.id)).toBe(true);
    again();
    expect(watch.works(stream.id)).toBe(false);
    pass(FIRST_CHECKS_MAX - 1);
    expect(silences).toBe(1);
  }
});

test('while there is no process, as before a start that is held back, nothing hangs', () => {
  vitals = null;
  watch.watch([stream]);
  pass(5, [stream.id]);
  watch.ended();
  pass(FIRST_CHECKS_MAX - 1);
  expect(silences).toBe(0);
});

test('what is no longer wanted may be silent', () => {
  vitals = IDLE;
  watch.watch([stream, recording]);
  pass(4, [stream.id, recording.id]);
  watch.watch([recording]);
  pass(100, [recording.id]);
  watch.watch([]);
  vi.advanceTimersByTime(100_000);
  expect(silences).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
});

test('an encode that is to end may take its time while the process says something, and 3 s when it is mute', () => {
  watch.closing(stream.id);
  for (let check = 0; check < 200; check += 1) {
    if (check % 20 === 0) watch.heard();
    vi.advanceTimersByTime(CHECK_MS);
  }
  expect(silences).toBe(0);
  watch.heard();
  vi.advanceTimersByTime((ENDING_CHECKS_MAX - 1) * CHECK_MS);
  expect(silences).toBe(0);
  vi.advanceTimersByTime(CHECK_MS);
  expect(silences).toBe(1);
  expect(watch.ended()).toEqual([stream.id]);
  watch.closing(recording.id);
  watch.closed(recording.id);
  expect(watch.ended()).toEqual([]);
  expect(vi.getTimerCount()).toBe(0);
});

describe('vitals', () => {
  const proc = mkdtempSync(join(tmpdir(), 'tidecast-proc-'));
  afterEach(() => rmSync(join(proc, '7'), { recursive: true, force: true }));
  const thread = (id: number, state: string) => {
    mkdirSync(join(proc, '7/task', String(id)), { recursive: true });
    writeFileSync(join(proc, '7/task', String(id), 'stat'), `${id} (x264 (a) b) ${state} 1 7 7 0`);
  };

  test.each([
    ['S', 'S', false],
    ['R', 'S', true],
    ['S', 'R', true],
    ['S', 'D', true],
    ['T', 'T', false],
  ])('threads in %s and %s', (first, second, atWork) => {
    thread(7, first);
    thread(8, second);
    expect(readVitals(7, proc)).toEqual({ atWork });
  });

  test('null without such a process', () => expect(readVitals(7, proc)).toBeNull());
});
