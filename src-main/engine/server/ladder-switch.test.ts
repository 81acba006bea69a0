import { expect, test } from 'vitest';
import { Emitter } from '../../../src-shared/disposable.ts';
import type { EncoderReport } from '../../../src-shared/domain/encoder-capabilities.ts';
import type { VideoEncoderName } from '../../../src-shared/domain/video-encoder.ts';
import type { LadderSettings } from '../../process/server-contract.ts';
import { LadderSwitch } from './ladder-switch.ts';

function setUp(kept: unknown) {
  const told: (LadderSettings | null)[] = [];
  const values = new Map<string, unknown>([['server.ladder', kept]]);
  const encoders = { available: [] as VideoEncoderName[], changed: new Emitter<EncoderReport>() };
  const settings = { get: async (key: string) => values.get(key), set: async (key: string, value: unknown) => void values.set(key, value) };
  const parts = { store: { settings }, encoders, server: { setLadder: (ladder: LadderSettings | null) => void told.push(ladder) } };
  return { told, values, encoders, open: () => LadderSwitch.open(parts as never) };
}
const REPORT = { probing: false, probedAtMs: 1, tookMs: 1, encoders: [] };

test('what was chosen is told to the server at once, and kept', async () => {
  const { told, values, open } = setUp(undefined);
  const ladder = await open();
  expect(ladder.choice).toBe('auto');
  await ladder.choose(['480p', '240p']);
  expect(values.get('server.ladder')).toEqual(['480p', '240p']);
  await ladder.choose('off');
  expect(told).toEqual([{ rungs: 'auto', encoders: [] }, { rungs: ['480p', '240p'], encoders: [] }, null]);
  expect((await open()).choice).toBe('off');
});

test('what a probe finds is told when it ends: H.264 alone', async () => {
  const { told, encoders, open } = setUp('garbage');
  await open();
  encoders.available = ['h264_nvenc', 'hevc_nvenc', 'libx264', 'libx265'];
  encoders.changed.emit({ ...REPORT, probing: true });
  encoders.changed.emit(REPORT);
  expect(told).toEqual([
    { rungs: 'auto', encoders: [] },
    { rungs: 'auto', encoders: ['h264_nvenc', 'libx264'] },
  ]);
});
