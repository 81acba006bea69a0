import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { RenditionId } from '../../../src-shared/domain/index.ts';
import { CHECK_MS, FIRST_CHECKS_MAX, MUTE_CHECKS_MAX, PacketWatch, SILENT_CHECKS_MAX } from './packet-watch.ts';

const stream = RenditionId.parse('stream');
const recording = RenditionId.parse('recording');
let silences = 0;
let watch: PacketWatch;

beforeEach(() => {
  vi.useFakeTimers();
  silences = 0;
  watch = new PacketWatch(() => void (silences += 1));
});
afterEach(() => {
  watch.watch([]);
  vi.useRealTimers();
});

const pass = (checks: number, ...alive: RenditionId[]) => {
  for (let check = 0; check < checks; check += 1) {
    for (const id of alive) watch.packet(id);
    vi.advanceTimersByTime(CHECK_MS);
  }
};

test('silence after packets is noticed once, after 2 s', () => {
  watch.watch([stream]);
  pass(20, stream);
  pass(SILENT_CHECKS_MAX - 2);
  expect(silences).toBe(0);
  pass(1);
  expect(silences).toBe(1);
});

test('one silent rendition is noticed beside one that works', () => {
  watch.watch([stream, recording]);
  pass(4, stream, recording);
  pass(SILENT_CHECKS_MAX, recording);
  expect(silences).toBe(1);
});

test('the first packet of a process may take 10 s, and after a replacement again', () => {
  watch.watch([stream]);
  pass(FIRST_CHECKS_MAX - 1);
  expect(silences).toBe(0);
  pass(1);
  expect(silences).toBe(1);
  watch.packet(stream);
  expect(watch.works(stream)).toBe(true);
  watch.reset();
  expect(watch.works(stream)).toBe(false);
  pass(FIRST_CHECKS_MAX - 1);
  expect(silences).toBe(1);
});

test('what is no longer wanted may be silent', () => {
  watch.watch([stream, recording]);
  pass(4, stream, recording);
  watch.watch([recording]);
  pass(100, recording);
  watch.watch([]);
  vi.advanceTimersByTime(100_000);
  expect(silences).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
});

test('an encode that is to end may take its time while the process says something, and 3 s when it is mute', () => {
  watch.closing(stream);
  for (let check = 0; check < 40; check += 1) {
    if (check % 4 === 0) watch.heard();
    vi.advanceTimersByTime(CHECK_MS);
  }
  expect(silences).toBe(0);
  watch.heard();
  vi.advanceTimersByTime((MUTE_CHECKS_MAX - 1) * CHECK_MS);
  expect(silences).toBe(0);
  vi.advanceTimersByTime(CHECK_MS);
  expect(silences).toBe(1);
  expect(watch.ended()).toEqual([stream]);
  watch.closing(recording);
  watch.closed(recording);
  expect(watch.ended()).toEqual([]);
  expect(vi.getTimerCount()).toBe(0);
});
