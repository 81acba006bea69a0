/** New filters, and the numbers that each has in its sheet. */
import { AudioFilter, type AudioFilterKind, type AudioFilterOf } from '../../../src-shared/domain/index.ts';

export const FILTER_KINDS = [
  'gain',
  'noiseSuppression',
  'noiseGate',
  'expander',
  'equaliser',
  'compressor',
  'limiter',
] as const satisfies AudioFilterKind[];

export function newFilter(kind: AudioFilterKind): AudioFilter {
  return AudioFilter.parse({ id: crypto.randomUUID(), kind });
}

export interface NumberSpec {
  /** its name in the filter, and its label's */
  key: string;
  unit: 'dB' | 'ms' | ': 1';
  min: number;
  max: number;
  step: number;
}

const db = (key: string, min: number, max: number): NumberSpec => ({ key, unit: 'dB', min, max, step: 0.5 });
const ms = (key: string, min: number, max: number): NumberSpec => ({ key, unit: 'ms', min, max, step: 5 });

/** The equaliser has fields of its own. The limits are the schema's. */
export const NUMBERS: Record<Exclude<AudioFilterKind, 'equaliser'>, readonly NumberSpec[]> = {
  gain: [db('gainDb', -30, 30)],
  noiseSuppression: [],
  noiseGate: [db('openDb', -96, 0), db('closeDb', -96, 0), ms('attackMs', 0.1, 500), ms('holdMs', 0, 3_000), ms('releaseMs', 1, 3_000)],
  expander: [
    db('thresholdDb', -96, 0),
    { key: 'ratio', unit: ': 1', min: 1, max: 20, step: 0.5 },
    db('kneeDb', 0, 24),
    db('rangeDb', 0, 96),
    ms('attackMs', 0.1, 500),
    ms('releaseMs', 1, 3_000),
  ],
  compressor: [
    db('thresholdDb', -96, 0),
    { key: 'ratio', unit: ': 1', min: 1, max: 60, step: 0.5 },
    db('kneeDb', 0, 24),
    ms('attackMs', 0.1, 500),
    ms('releaseMs', 1, 3_000),
    db('makeupDb', 0, 24),
  ],
  limiter: [db('ceilingDb', -30, 0), ms('releaseMs', 1, 3_000)],
};

export const BANDS = ['low', 'lowMid', 'highMid', 'high'] as const satisfies (keyof AudioFilterOf<'equaliser'>)[];
