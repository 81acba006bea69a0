import { expect, test } from 'vitest';
import { DEFAULT_PROFILE, type EncoderStats } from '../../../src-shared/domain/index.ts';
import type { ShowWants } from '../rendition/plan.ts';
import { STREAM_RENDITION } from '../rendition/plan.ts';
import { LoadGuard } from './load-guard.ts';

const S = 1_000_000;

/** A show whose only encode is as busy as a test says. */
class Show {
  atS = 0;
  load = { busyPct: 50, queued: 0 };
  mayChangeFormat = true;
  busy = false;
  readonly reliefs: ShowWants['relief'][] = [];
  readonly said: string[] = [];
  readonly guard = new LoadGuard({
    video: DEFAULT_PROFILE.video,
    stats: () => ({ encodes: [this.#encode()] }),
    mayChangeFormat: () => this.mayChangeFormat,
    busy: () => this.busy,
    setRelief: async (relief) => void this.reliefs.push(relief),
    tell: ({ level, message }) => void this.said.push(`${level}: ${message}`),
  });

  run(seconds: number, busyPct: number, queued = 0): void {
    this.load = { busyPct, queued };
    for (let second = 0; second < seconds; second += 1) this.guard.tick(++this.atS * S);
  }

  #encode(): EncoderStats['encodes'][number] {
    const { widthPx, heightPx, frameRate, preset } = DEFAULT_PROFILE.video;
    const size = { widthPx, heightPx, frameRate };
    return { renditionId: STREAM_RENDITION, encoder: 'libx264', preset, ...size, insteadOf: null, retryAtUs: null, ...this.load };
  }
}

test('the preset is given up and said, and taken back and said', () => {
  const show = new Show();
  show.run(60, 85);
  expect(show.reliefs).toEqual([]);
  show.run(3, 96, 4);
  expect(show.reliefs).toEqual([{ kind: 'preset', preset: 'superfast' }]);
  expect(show.guard.format).toBeNull();
  show.run(60, 30);
  expect(show.reliefs).toEqual([{ kind: 'preset', preset: 'superfast' }, null]);
  expect(show.said).toEqual([
    'warning: Encoding cannot keep up on this machine, so it does less: preset superfast. Close other programs, or choose a smaller picture.',
    'info: Encoding has room again: as the profile says.',
  ]);
});

test('what no preset cures costs frames, then size, for those who allow it', () => {
  const show = new Show();
  show.run(3, 100, 15);
  show.run(3, 100, 15);
  expect(show.guard.format).not.toBeNull();
  expect(show.reliefs.at(-1)).toMatchObject({ preset: 'ultrafast' });
  const strict = new Show();
  strict.mayChangeFormat = false;
  for (let times = 0; times < 10; times += 1) strict.run(3, 100, 15);
  expect(strict.guard.format).toBeNull();
  expect(strict.reliefs.at(-1)).toEqual({ kind: 'preset', preset: 'ultrafast' });
});

test('a recording that begins keeps its size: the format is given back at once', () => {
  const show = new Show();
  show.run(6, 100, 15);
  expect(show.guard.format).not.toBeNull();
  show.mayChangeFormat = false;
  show.run(1, 50);
  expect(show.guard.format).toBeNull();
});

test('nothing is judged while encodes are being changed', () => {
  const show = new Show();
  show.busy = true;
  show.run(20, 100, 20);
  expect(show.reliefs).toEqual([]);
});
