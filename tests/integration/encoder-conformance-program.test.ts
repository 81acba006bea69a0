/** The ffmpeg program as an encoder: what can go wrong with a program. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { EncoderInput } from '../../src-main/encoder/video/back-end.ts';
import { CommandLineEncoder } from '../../src-main/encoder/video/command-line-encoder.ts';
import { findFfmpeg } from '../../src-main/encoder/video/find-ffmpeg.ts';
import type { VideoSettings } from '../../src-shared/domain/rendition.ts';
import { pictureOf, settings } from '../support/encoder-conformance.ts';
import { sleep } from '../support/encoder-harness.ts';
import { descendants } from '../support/processes.ts';

afterEach(() => void vi.unstubAllEnvs());

const input = (video: VideoSettings, tick: number): EncoderInput => ({ frame: null as never, planes: pictureOf(video, tick) });
const programs = () => descendants(process.pid).filter(({ args }) => args.includes('rawvideo'));

describe('the ffmpeg program', () => {
  test('that is not there is an error that says so', async () => {
    const nowhere = await mkdtemp(join(tmpdir(), 'no-ffmpeg-'));
    try {
      expect(() => findFfmpeg({ PATH: nowhere })).toThrow(/Install FFmpeg, or choose another encoder/);
      vi.stubEnv('TIDECAST_FFMPEG', join(nowhere, 'ffmpeg'));
      await expect(CommandLineEncoder.open(settings({}), () => {})).rejects.toMatchObject({ code: 'encoder.open-failed' });
      vi.stubEnv('TIDECAST_FFMPEG', nowhere); // a folder can be entered, but not run
      await expect(CommandLineEncoder.open(settings({}), () => {})).rejects.toMatchObject({ code: 'encoder.open-failed' });
    } finally {
      await rm(nowhere, { recursive: true });
    }
  });

  test('that refuses its options is an error with its own words', async () => {
    const video = { ...settings({}), preset: 'no-such-preset' as never };
    const encoder = await CommandLineEncoder.open(video, () => {});
    const encoded = (async () => {
      for (let tick = 0; tick < 100; tick++) {
        await encoder.encode(input(video, tick), tick);
        await sleep(20);
      }
    })();
    await expect(encoded).rejects.toMatchObject({ code: 'encoder.open-failed', message: expect.stringContaining('preset') });
    await expect(encoder.flush()).rejects.toMatchObject({ code: 'encoder.open-failed' });
    await encoder.close();
    expect(programs()).toEqual([]);
  });

  test('whose encoder refuses a rate says why, not what it greets with', async () => {
    // as SVT-AV1 did before its version 2, which many systems have
    const video = settings({ codec: 'av1', encoder: 'libsvtav1', widthPx: 64, heightPx: 64, rateControl: 'cbr' });
    const encoder = await CommandLineEncoder.open(video, () => {});
    const failure: unknown = await encoder
      .encode(input(video, 0), 0)
      .then(() => encoder.flush())
      .catch((error: unknown) => error);
    await encoder.close();
    expect(String(failure)).not.toContain('[info]');
  });

  test('that stands still takes two pictures more and no memory, and goes when it is closed', async () => {
    const video = settings({ widthPx: 1_280, heightPx: 720 });
    const encoder = await CommandLineEncoder.open(video, () => {});
    process.kill(programs()[0]!.pid, 'SIGSTOP');
    let taken = 0;
    const feeding = (async () => {
      for (let tick = 0; tick < 10; tick++) {
        await encoder.encode(input(video, tick), tick);
        taken++;
      }
    })();
    await sleep(500);
    expect(taken).toBeLessThanOrEqual(2);
    await encoder.close();
    await expect(feeding).rejects.toMatchObject({ code: 'encoder.open-failed' });
    expect(programs()).toEqual([]);
  });

  test('that is killed is an encoder that crashed', async () => {
    const video = settings({});
    let units = 0;
    const encoder = await CommandLineEncoder.open(video, () => void units++);
    const feeding = (async () => {
      for (let tick = 0; tick < 1_000; tick++) {
        await encoder.encode(input(video, tick), tick);
        if (units === 5) process.kill(programs()[0]!.pid, 'SIGKILL');
        await sleep(10);
      }
    })();
    await expect(feeding).rejects.toMatchObject({ code: 'encoder.crashed', message: expect.stringContaining('started anew') });
    await encoder.close();
  });
});
