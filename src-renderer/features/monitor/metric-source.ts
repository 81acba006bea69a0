/** Where charts get their figures: live ones, or a stretch of the past. */
import { useQuery } from '@tanstack/react-query';
import { useEffect, useMemo } from 'react';
import { Emitter } from '../../../src-shared/disposable.ts';
import type { MetricSample } from '../../../src-shared/domain/index.ts';
import { link, useLinkState } from '../../engine-client/engine.ts';
import { LIVE_SPAN_MS, liveChanged, liveMetrics, seedMetrics } from './live-metrics.ts';

export interface MetricSource {
  samples(): readonly MetricSample[];
  /** what the time axis shows, Unix times */
  range(): { fromMs: number; toMs: number };
  readonly spanMs: number;
  readonly changed: Emitter<null>;
}

/** a studio that was just opened has little to show: it is not squeezed into a corner */
const LIVE_SPAN_LEAST_MS = 2 * 60_000;

const LIVE: MetricSource = {
  samples: liveMetrics,
  range: () => {
    const samples = liveMetrics();
    const toMs = samples.at(-1)?.atMs ?? Date.now();
    const knownMs = toMs - (samples[0]?.atMs ?? toMs);
    return { fromMs: toMs - Math.min(LIVE_SPAN_MS, Math.max(LIVE_SPAN_LEAST_MS, knownMs)), toMs };
  },
  spanMs: LIVE_SPAN_MS,
  changed: liveChanged,
};

/** A stretch of the past; null: live. */
export interface Stretch {
  fromMs: number;
  toMs: number;
}

/** @returns the source, and whether it has nothing to show */
export function useMetricSource(stretch: Stretch | null): { source: MetricSource; isEmpty: boolean } {
  const { phase } = useLinkState();
  useEffect(() => {
    if (phase !== 'connected') return;
    let isWanted = true;
    void link.invoke('metrics.recent').then(
      (recent) => void (isWanted && seedMetrics(recent)),
      () => {}, // the engine is gone again: the next connection asks anew
    );
    return () => {
      isWanted = false;
    };
  }, [phase]);
  const { data } = useQuery({
    queryKey: ['metrics.history', stretch],
    enabled: stretch !== null,
    staleTime: 0,
    queryFn: () => link.invoke('metrics.history', stretch ?? { fromMs: 0, toMs: 0 }),
  });
  const source = useMemo(() => (stretch ? pastSource(stretch, data ?? []) : LIVE), [stretch, data]);
  return { source, isEmpty: stretch !== null && data?.length === 0 };
}

function pastSource(stretch: Stretch, samples: readonly MetricSample[]): MetricSource {
  return { samples: () => samples, range: () => stretch, spanMs: stretch.toMs - stretch.fromMs, changed: new Emitter() };
}
