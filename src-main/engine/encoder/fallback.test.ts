import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type EncoderChoice, VideoEncoderName, VideoSettings } from '../../../src-shared/domain/index.ts';
import {
  chooseEncoder,
  FAILURES_WITHIN_US,
  type FallbackState,
  FIRST_BAR_US,
  fallbackChain,
  keyOf,
  LONGEST_BAR_US,
  NO_TROUBLE,
  noteFailure,
  settingsFor,
} from './fallback.ts';

const video = (changes: Partial<VideoSettings> = {}) =>
  VideoSettings.parse({ widthPx: 1_280, heightPx: 720, frameRate: 30, bitrateKbps: 2_500, ...changes });
const nvenc = video({ encoder: 'h264_nvenc', preset: 'medium' });
const hevc = video({ encoder: 'hevc_nvenc', codec: 'hevc', bitDepth: 10, profile: 'main10', preset: 'medium' });
const keys = (chain: EncoderChoice[]) => chain.map(keyOf);
const S = 1_000_000;

describe('the chain', () => {
  test.each([
    [
      'hardware that works, then software',
      nvenc,
      { works: ['h264_qsv', 'libx264', 'h264_nvenc'] },
      ['h264_nvenc', 'h264_qsv', 'libx264:fast'],
    ],
    ['no codec that a server may refuse', nvenc, { works: ['hevc_nvenc', 'av1_qsv'] }, ['h264_nvenc', 'libx264:fast']],
    [
      'its own codec, and last the one that all take',
      hevc,
      { works: ['h264_nvenc', 'hevc_qsv', 'av1_qsv'] },
      ['hevc_nvenc', 'hevc_qsv', 'libx265:fast', 'libx264:fast'],
    ],
    ['another codec where the user says', hevc, { list: ['h264_qsv'] }, ['hevc_nvenc', 'h264_qsv', 'libx264:fast']],
    ['a file keeps its codec', hevc, { works: ['h264_nvenc', 'hevc_qsv'], onlyCodec: 'hevc' }, ['hevc_nvenc', 'hevc_qsv', 'libx265:fast']],
    ['also one that is not asked for', hevc, { works: ['h264_nvenc', 'hevc_qsv'], onlyCodec: 'h264' }, ['h264_nvenc', 'libx264:fast']],
    ['the user says', nvenc, { list: ['libx264'], works: ['h264_qsv'] }, ['h264_nvenc', 'libx264', 'libx264:fast']],
    ['software at a slow preset', video({ preset: 'slow' }), {}, ['libx264', 'libx264:fast']],
    ['nothing is left below a fast preset', video({ preset: 'ultrafast' }), {}, ['libx264']],
  ] as const)('%s', (_, settings, options, expected) => {
    expect(keys(fallbackChain(settings, { list: [], works: [], onlyCodec: null, ...options }))).toEqual(expected);
  });

  const encoders = fc.array(fc.constantFrom(...VideoEncoderName.options), { maxLength: 6 });
  const codecs = fc.constantFrom(null, 'h264' as const, 'hevc' as const, 'av1' as const);
  test('property: it begins with what was asked for, names nothing twice, and a file never gets another codec', () => {
    fc.assert(
      fc.property(fc.constantFrom(nvenc, hevc, video()), encoders, encoders, codecs, (settings, list, works, onlyCodec) => {
        const chain = fallbackChain(settings, { list, works, onlyCodec });
        if ((onlyCodec ?? settings.codec) === settings.codec) expect(keyOf(chain[0] as EncoderChoice)).toBe(settings.encoder);
        expect(chain.some(({ encoder }) => encoder.startsWith('lib'))).toBe(true);
        expect(new Set(keys(chain)).size).toBe(chain.length);
        for (const choice of chain) {
          const adjusted = VideoSettings.parse(settingsFor(settings, choice));
          if (onlyCodec !== null) expect(adjusted.codec).toBe(onlyCodec);
        }
      }),
    );
  });
});

test('another codec gets no profile, level or depth of the one before; the fast one a fast preset', () => {
  expect(settingsFor(hevc, { encoder: 'libx264', fast: true })).toMatchObject({
    encoder: 'libx264',
    codec: 'h264',
    profile: 'auto',
    bitDepth: 8,
    preset: 'superfast',
  });
  expect(settingsFor(hevc, { encoder: 'hevc_qsv', fast: false })).toMatchObject({ profile: 'main10', bitDepth: 10, preset: 'medium' });
  expect(settingsFor(video({ preset: 'ultrafast' }), { encoder: 'libx264', fast: true }).preset).toBe('ultrafast');
});

const chain = fallbackChain(nvenc, { list: [], works: ['h264_qsv'], onlyCodec: null });
const [first, second, last] = chain as [EncoderChoice, EncoderChoice, EncoderChoice];

describe('the choice', () => {
  test('two failures within 30 s pass it over for two minutes; two that are further apart do not', () => {
    let state = noteFailure(NO_TROUBLE, first, 'work', 0);
    expect(chooseEncoder(state, chain, 1)).toEqual({ choice: first, retryAtUs: null });
    const apart = noteFailure(state, first, 'work', FAILURES_WITHIN_US);
    expect(chooseEncoder(apart, chain, FAILURES_WITHIN_US + 1).choice).toEqual(first);
    state = noteFailure(state, first, 'work', 20 * S);
    expect(chooseEncoder(state, chain, 20 * S)).toEqual({ choice: second, retryAtUs: 20 * S + FIRST_BAR_US });
    expect(chooseEncoder(state, chain, 20 * S + FIRST_BAR_US)).toEqual({ choice: first, retryAtUs: null });
  });

  test('one that does not open is passed over at once, and twice as long after each trial that fails', () => {
    let [state, atUs]: [FallbackState, number] = [NO_TROUBLE, 0];
    const bars: number[] = [];
    for (let trial = 0; trial < 7; trial += 1) {
      state = noteFailure(state, first, trial % 2 === 0 ? 'open' : 'work', atUs);
      const { choice, retryAtUs } = chooseEncoder(state, chain, atUs);
      expect(choice).toEqual(second);
      bars.push(((retryAtUs ?? 0) - atUs) / 60 / S);
      atUs = (retryAtUs ?? 0) + S;
    }
    expect(bars).toEqual([2, 4, 8, 16, 32, 32, 32]);
    state = noteFailure(state, first, 'open', atUs + 3_600 * S); // it has worked for an hour
    expect(chooseEncoder(state, chain, atUs + 3_600 * S).retryAtUs).toBe(atUs + 3_600 * S + FIRST_BAR_US);
  });

  test('when all are passed over, software works on, also where it was first and hardware has come after it', () => {
    const quick = fallbackChain(video({ preset: 'superfast' }), { list: [], works: ['h264_qsv'], onlyCodec: null });
    expect(keys(quick)).toEqual(['libx264', 'h264_qsv']);
    const state = quick.reduce((before, choice) => noteFailure(before, choice, 'open', 0), NO_TROUBLE);
    expect(chooseEncoder(state, quick, 1)).toEqual({ choice: quick[0], retryAtUs: null });
    const between = fallbackChain(video({ ...nvenc, preset: 'superfast' }), { list: ['libx264', 'h264_qsv'], works: [], onlyCodec: null });
    const none = between.reduce((before, choice) => noteFailure(before, choice, 'open', 0), NO_TROUBLE);
    expect(chooseEncoder(none, between, 1)).toEqual({ choice: { encoder: 'libx264', fast: false }, retryAtUs: FIRST_BAR_US });
  });

  test('property: the first that is not passed over; the last when all are; tried again at the time it says, within 32 minutes', () => {
    const event = fc.record({ index: fc.nat(2), kind: fc.constantFrom('open' as const, 'work' as const), afterUs: fc.nat(200 * S) });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 40 }), (events) => {
        let state = NO_TROUBLE;
        let atUs = 0;
        for (const { index, kind, afterUs } of events) {
          atUs += afterUs;
          state = noteFailure(state, chain[index] as EncoderChoice, kind, atUs);
          const { choice, retryAtUs } = chooseEncoder(state, chain, atUs);
          const isPassedOver = (one: EncoderChoice) => (state.get(keyOf(one))?.barredUntilUs ?? 0) > atUs;
          expect(choice).toEqual(chain.find((one) => !isPassedOver(one)) ?? last);
          if (kind === 'open') expect(isPassedOver(chain[index] as EncoderChoice)).toBe(true);
          if (retryAtUs === null) continue;
          expect(retryAtUs - atUs).toBeGreaterThan(0);
          expect(retryAtUs - atUs).toBeLessThanOrEqual(LONGEST_BAR_US);
          const again = chain.indexOf(chooseEncoder(state, chain, retryAtUs).choice);
          expect(again).toBeLessThan(chain.indexOf(choice));
        }
      }),
    );
  });
});
