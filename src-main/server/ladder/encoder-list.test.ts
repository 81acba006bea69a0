import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Emitter } from '../../../src-shared/disposable.ts';
import type { VideoEncoderName } from '../../../src-shared/domain/video-encoder.ts';
import type { FromProbe, ToProbe } from '../../process/probe-contract.ts';
import type { ServiceHost } from '../../process/service.ts';
import { EncoderList } from './encoder-list.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** @param works what a probe finds; null: it never says a word */
function setUp(setting: 'auto' | VideoEncoderName[], works: readonly VideoEncoderName[] | null = []) {
  const asked: VideoEncoderName[] = [];
  const lines: string[] = [];
  const start = () => {
    const messages = new Emitter<FromProbe>();
    const send = (message: ToProbe) => {
      asked.push(...message.encoders);
      if (!works) return;
      for (const encoder of message.encoders) {
        const found = works.includes(encoder)
          ? { encoder, available: true as const, inPlaceBitrate: true, onDemandIdr: true, tenBit: false, openMs: 1 }
          : { encoder, available: false as const, reason: { code: 'failed' as const, detail: '' } };
        messages.emit({ type: 'found', capabilities: found as never });
      }
      messages.emit({ type: 'done' });
    };
    return { send, kill() {}, onMessage: messages.on.bind(messages), onExit: () => () => {} };
  };
  const list = new EncoderList({ start } as unknown as ServiceHost, setting, (line) => lines.push(line));
  return { list, asked, lines };
}

test('libx264 is behind all others, and is enough until a probe has ended', async () => {
  const { list, asked } = setUp('auto', ['h264_nvenc']);
  expect(list.names).toEqual(['libx264']);
  expect(asked).toEqual([]);
  list.prepare();
  list.prepare();
  await vi.advanceTimersByTimeAsync(0);
  expect(new Set(asked).size).toBe(asked.length); // found out once
  expect(asked.every((name) => name.startsWith('h264_'))).toBe(true);
  expect(list.names).toEqual(asked.includes('h264_nvenc') ? ['h264_nvenc', 'libx264'] : ['libx264']);
});

test('a driver that hangs in the probe is done without', async () => {
  const { list } = setUp('auto', null);
  list.prepare();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(list.names).toEqual(['libx264']);
});

test('one that failed rests, each time for longer; software never does', () => {
  const { list, lines } = setUp(['h264_qsv', 'h264_vaapi', 'libx264']);
  expect(list.names).toEqual(['h264_qsv', 'h264_vaapi', 'libx264']);
  list.failed('h264_qsv', 'It broke.');
  list.failed('libx264', 'It broke.');
  expect(list.names).toEqual(['h264_vaapi', 'libx264']);
  expect(lines).toEqual(['ladder: h264_qsv failed and is left alone for 10 minutes. It broke.']);
  vi.advanceTimersByTime(600_000);
  expect(list.names[0]).toBe('h264_qsv');
  list.failed('h264_qsv', 'It broke.');
  vi.advanceTimersByTime(1_199_999);
  expect(list.names[0]).toBe('h264_vaapi');
  vi.advanceTimersByTime(1);
  expect(list.names[0]).toBe('h264_qsv');
});
