import { tmpdir } from 'node:os';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { DEFAULT_PROFILE, type EncoderStats } from '../../../src-shared/domain/index.ts';
import { scriptedShow } from '../../../tests/support/scripted-show.ts';
import type { EncoderSupervisor } from '../encoder/encoder-supervisor.ts';
import type { ActivityInput, ActivityLog } from '../monitor/activity-log.ts';
import { STREAM_RENDITION } from '../rendition/plan.ts';
import type { PublisherSet } from './publisher-set.ts';
import { ShowRates } from './show-rates.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('encodes that have just begun, or begun anew, are not judged before they have settled', async () => {
  const { program } = scriptedShow(tmpdir());
  const { widthPx, heightPx, frameRate, preset } = DEFAULT_PROFILE.video;
  const size = { widthPx, heightPx, frameRate };
  const encode = { renditionId: STREAM_RENDITION, encoder: 'libx264', preset, ...size, insteadOf: null, retryAtUs: null };
  const stats = { cpuPct: 10, encodes: [{ ...encode, busyPct: 10, queued: 0 }] } as unknown as EncoderStats;
  const load = (busyPct: number, queued: number) => Object.assign(stats.encodes[0] as object, { busyPct, queued });
  const said: (string | undefined)[] = [];
  const rates = new ShowRates({
    program,
    publishers: { connections: [], settle() {}, foresee: () => [] } as unknown as PublisherSet,
    encoder: { stats } as unknown as EncoderSupervisor,
    activities: { add: ({ event }: ActivityInput) => void said.push(event?.kind) } as unknown as ActivityLog,
    clock: { nowUs: () => Date.now() * 1_000 } as never,
    log: { debug() {}, info() {}, warn() {}, error() {} },
  });
  await program.change({ streaming: true }, DEFAULT_PROFILE);
  load(100, 20);
  rates.start(new Map([[STREAM_RENDITION, null]]));
  await vi.advanceTimersByTimeAsync(1_500);
  expect(said).toEqual([]);
  load(10, 0);
  await vi.advanceTimersByTimeAsync(3_000);
  load(100, 20);
  await rates.follow({ ...DEFAULT_PROFILE, video: { ...DEFAULT_PROFILE.video, heightPx: 480 } }, true);
  await vi.advanceTimersByTimeAsync(1_500);
  expect(said).toEqual([]);
  await vi.advanceTimersByTimeAsync(1_500);
  expect(said).toEqual(['relief']);
  rates.stop();
});
