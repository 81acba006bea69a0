import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Emitter } from '../../../src-shared/disposable.ts';
import { DEFAULT_PROFILE, type RenditionId } from '../../../src-shared/domain/index.ts';
import { monotonicClock } from '../../process/clock.ts';
import type { MediaHeader, MediaPacket } from '../../process/packet.ts';
import type { EncoderSupervisor } from '../encoder/encoder-supervisor.ts';
import { RECORDING_RENDITION, type ShowWants, STREAM_RENDITION } from '../rendition/plan.ts';
import { Program } from './program.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const NOTHING: ShowWants = { streaming: false, recording: 'none' };

test.each([
  ['a recording waits for all of its pictures', { recording: 'own' }, RECORDING_RENDITION, 3_000, 3_000],
  ["a recording on the stream's encode, too", { recording: 'shared' }, STREAM_RENDITION, 3_000, 3_000],
  ['a recording waits five seconds at the most', { recording: 'own' }, RECORDING_RENDITION, 20_000, 5_000],
  ['a destination waits a second at the most', { streaming: true }, STREAM_RENDITION, 3_000, 1_000],
] as const)('%s', async (_, wants, renditionId, closedAfterMs, expectedMs) => {
  const closed = new Emitter<RenditionId>();
  const emitters = { packets: new Emitter<MediaPacket>(), headers: new Emitter<MediaHeader>(), closed };
  const encoder = { ...emitters, want: async () => {} } as unknown as EncoderSupervisor;
  const program = new Program(encoder, monotonicClock());
  await program.change(wants, DEFAULT_PROFILE);
  const startMs = Date.now();
  const done = program.change(NOTHING).then(() => Date.now() - startMs);
  setTimeout(() => closed.emit(renditionId), closedAfterMs);
  await vi.advanceTimersByTimeAsync(30_000);
  expect(await done).toBe(expectedMs);
});
