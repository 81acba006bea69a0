/**
 * Which encoder takes over when one keeps failing, and when the better one is tried again. Pure: no clock and no encoder.
 * One that cannot be opened (no driver, all sessions taken), or fails twice within 30 s, is passed over for a while: two
 * minutes, then twice as long each time, since every trial costs the show an IDR, and a failed one a gap.
 */
import {
  describeEncoder,
  ENCODER_PRESETS,
  type EncoderChoice,
  type VideoCodec,
  type VideoEncoderName,
  type VideoSettings,
} from '../../../src-shared/domain/index.ts';

export interface ChainOptions {
  /** the user's list, best first; empty: hardware of the same codec that works, then its software */
  list: readonly VideoEncoderName[];
  /** what was probed to work on this machine */
  works: readonly VideoEncoderName[];
  /** of the file that it goes into, which must stay, or all that its servers take; null: any will do */
  onlyCodec: VideoCodec | null;
}

interface Trouble {
  /** those of the last FAILURES_WITHIN_US */
  failuresUs: readonly number[];
  barredUntilUs: number;
  /** how often it has been barred in a row */
  bars: number;
}

/** by `keyOf`; without an entry there was no trouble */
export type FallbackState = ReadonlyMap<string, Trouble>;

export const NO_TROUBLE: FallbackState = new Map();

const FAILURES_MAX = 2;
export const FAILURES_WITHIN_US = 30_000_000;
export const FIRST_BAR_US = 120_000_000;
export const LONGEST_BAR_US = 32 * 60_000_000;
/** After so long without a failure it is like new. */
const FORGIVEN_AFTER_US = 10 * 60_000_000;
const FAST_PRESET = 'superfast';

export const keyOf = ({ encoder, fast }: EncoderChoice): string => (fast ? `${encoder}:fast` : encoder);

/**
 * The profile's own encoder first, unless it has to be another codec; a software encoder that needs nothing from the machine
 * last. Another codec than the one asked for may be one that a server does not take, so without the user's list it is H.264 in
 * software, when all else fails.
 */
export function fallbackChain(video: VideoSettings, { list, works, onlyCodec }: ChainOptions): EncoderChoice[] {
  const codec = onlyCodec ?? video.codec;
  const hardware = works.filter((name) => describeEncoder(name).hardware && codecOf(name) === codec);
  const between = (list.length > 0 ? list : hardware).map((encoder) => ({ encoder, fast: false }));
  const software: VideoEncoderName[] = list.length > 0 && onlyCodec === null ? ['libx264'] : [SOFTWARE[codec], 'libx264'];
  const last = software.map((encoder) => ({ encoder, fast: true }));
  const chain: EncoderChoice[] = [{ encoder: video.encoder, fast: false }, ...between, ...last];
  const isFastAlready = ENCODER_PRESETS.indexOf(video.preset) <= ENCODER_PRESETS.indexOf(FAST_PRESET);
  const seen = new Set<string>();
  return chain.filter((choice) => {
    const key = choice.fast && isFastAlready ? choice.encoder : keyOf(choice);
    if (seen.has(key) || (onlyCodec !== null && codecOf(choice.encoder) !== onlyCodec)) return false;
    seen.add(key);
    return true;
  });
}

const SOFTWARE = { h264: 'libx264', hevc: 'libx265', av1: 'libsvtav1' } as const;

export const codecOf = (encoder: VideoEncoderName) => describeEncoder(encoder).codec;

/** What another encoder cannot do is left out: a picture matters more than its profile. */
export function settingsFor(video: VideoSettings, { encoder, fast }: EncoderChoice): VideoSettings {
  const codec = codecOf(encoder);
  const isFaster = ENCODER_PRESETS.indexOf(video.preset) <= ENCODER_PRESETS.indexOf(FAST_PRESET);
  const settings: VideoSettings = { ...video, encoder, codec, preset: fast && !isFaster ? FAST_PRESET : video.preset };
  if (fast) settings.lookaheadFrames = null;
  return codec === video.codec ? settings : { ...settings, profile: 'auto', level: null, bitDepth: 8 };
}

/** @param kind open: it did not come up, which it will not do a moment later either */
export function noteFailure(state: FallbackState, choice: EncoderChoice, kind: 'open' | 'work', atUs: number): FallbackState {
  const before = state.get(keyOf(choice)) ?? { failuresUs: [], barredUntilUs: 0, bars: 0 };
  const last = Math.max(before.barredUntilUs, before.failuresUs.at(-1) ?? Number.NEGATIVE_INFINITY);
  const bars = atUs - last > FORGIVEN_AFTER_US ? 0 : before.bars;
  const failuresUs = [...before.failuresUs.filter((failedUs) => atUs - failedUs < FAILURES_WITHIN_US), atUs];
  // one that was barred before is on trial: it has no second failure
  const isBarred = kind === 'open' || failuresUs.length >= FAILURES_MAX || (bars > 0 && atUs - before.barredUntilUs < FAILURES_WITHIN_US);
  const trouble = isBarred
    ? { failuresUs: [], barredUntilUs: atUs + Math.min(LONGEST_BAR_US, FIRST_BAR_US * 2 ** bars), bars: bars + 1 }
    : { failuresUs, barredUntilUs: before.barredUntilUs, bars };
  return new Map(state).set(keyOf(choice), trouble);
}

export interface Chosen {
  choice: EncoderChoice;
  /** when a better one may be tried again; null while the best is at work */
  retryAtUs: number | null;
}

/** The first of the chain that is not barred; when all are, the last in software, since a show needs one and a driver may be gone. */
export function chooseEncoder(state: FallbackState, chain: readonly EncoderChoice[], atUs: number): Chosen {
  const first = chain.findIndex((choice) => barredUntilUs(state, choice) <= atUs);
  const index = first === -1 ? chain.findLastIndex(({ encoder }) => !describeEncoder(encoder).hardware) : first;
  const choice = chain[index];
  if (!choice) throw new RangeError('a chain has at least one encoder in software');
  return { choice, retryAtUs: retryAtUs(state, chain, choice) };
}

/** When one that the chain has before this may be tried; null: there is none. One that is not of the chain comes after all. */
export function retryAtUs(state: FallbackState, chain: readonly EncoderChoice[], choice: EncoderChoice): number | null {
  const index = chain.findIndex((one) => keyOf(one) === keyOf(choice));
  const better = index === -1 ? chain : chain.slice(0, index);
  return better.length === 0 ? null : Math.min(...better.map((one) => barredUntilUs(state, one)));
}

const barredUntilUs = (state: FallbackState, choice: EncoderChoice) => state.get(keyOf(choice))?.barredUntilUs ?? 0;
