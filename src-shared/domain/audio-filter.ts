/** What may be done to the sound of a strip, in a chain whose order the user chooses. One discriminated union; `audio/dsp` has one file per kind. */
import { z } from 'zod';
import { AudioInputId } from './ids.ts';

const base = { id: z.string().min(1).max(64), enabled: z.boolean().default(true) };
const gainDb = z.number().min(-24).max(24);
const frequencyHz = z.number().min(20).max(20_000);
const thresholdDb = z.number().min(-96).max(0);
const attackMs = z.number().min(0.1).max(500);
const releaseMs = z.number().min(1).max(3_000);
const kneeDb = z.number().min(0).max(24);

export const GainFilter = z.strictObject({ ...base, kind: z.literal('gain'), gainDb: z.number().min(-30).max(30).default(0) });

/** RNNoise: keeps speech, takes the rest. 20 ms of delay. */
export const NoiseSuppressionFilter = z.strictObject({ ...base, kind: z.literal('noiseSuppression') });

/** Opens above one level, closes below another after the hold. */
export const NoiseGateFilter = z.strictObject({
  ...base,
  kind: z.literal('noiseGate'),
  openDb: thresholdDb.default(-38),
  closeDb: thresholdDb.default(-44),
  attackMs: attackMs.default(5),
  holdMs: z.number().min(0).max(3_000).default(200),
  releaseMs: releaseMs.default(150),
});

/** Downward: what is below the threshold comes `ratio` times as far below it, by `rangeDb` at most. */
export const ExpanderFilter = z.strictObject({
  ...base,
  kind: z.literal('expander'),
  thresholdDb: thresholdDb.default(-40),
  ratio: z.number().min(1).max(20).default(2),
  kneeDb: kneeDb.default(6),
  rangeDb: z.number().min(0).max(96).default(40),
  attackMs: attackMs.default(5),
  releaseMs: releaseMs.default(100),
});

const Shelf = z.strictObject({ frequencyHz, gainDb });
const Peak = z.strictObject({ frequencyHz, gainDb, q: z.number().min(0.1).max(18) });

export const EqualiserFilter = z.strictObject({
  ...base,
  kind: z.literal('equaliser'),
  low: Shelf.default({ frequencyHz: 120, gainDb: 0 }),
  lowMid: Peak.default({ frequencyHz: 400, gainDb: 0, q: 1 }),
  highMid: Peak.default({ frequencyHz: 2_500, gainDb: 0, q: 1 }),
  high: Shelf.default({ frequencyHz: 8_000, gainDb: 0 }),
});

/** `sideChainId`: the strip whose level counts instead of its own, as for music that gives way to a voice. */
export const CompressorFilter = z.strictObject({
  ...base,
  kind: z.literal('compressor'),
  thresholdDb: thresholdDb.default(-18),
  ratio: z.number().min(1).max(60).default(3),
  kneeDb: kneeDb.default(6),
  attackMs: attackMs.default(6),
  releaseMs: releaseMs.default(80),
  makeupDb: z.number().min(0).max(24).default(0),
  sideChainId: AudioInputId.nullable().default(null),
});

/** Nothing gets beyond the ceiling, between the samples either: a look-ahead of 3 ms. */
export const LimiterFilter = z.strictObject({
  ...base,
  kind: z.literal('limiter'),
  ceilingDb: z.number().min(-30).max(0).default(-1),
  releaseMs: releaseMs.default(60),
});

export const AudioFilter = z.discriminatedUnion('kind', [
  GainFilter,
  NoiseSuppressionFilter,
  NoiseGateFilter,
  ExpanderFilter,
  EqualiserFilter,
  CompressorFilter,
  LimiterFilter,
]);
export type AudioFilter = z.infer<typeof AudioFilter>;
export type AudioFilterKind = AudioFilter['kind'];
export type AudioFilterOf<K extends AudioFilterKind> = Extract<AudioFilter, { kind: K }>;
