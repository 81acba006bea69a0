import { useEffect, useState } from 'react';
import { engineNowUs } from '../health/stats-history.ts';

const EVERY_MS = 250;

/** Whole seconds until an engine time, counted down; 0 when it has passed; null when there is none, and while engine time is not known. */
export function useSecondsUntil(dueUs: number | null): number | null {
  const [seconds, setSeconds] = useState(() => secondsUntil(dueUs, engineNowUs()));
  useEffect(() => {
    const tick = () => setSeconds(secondsUntil(dueUs, engineNowUs())); // renders only when the second changes
    tick();
    const timer = setInterval(tick, EVERY_MS);
    return () => clearInterval(timer);
  }, [dueUs]);
  return seconds;
}

export function secondsUntil(dueUs: number | null, nowUs: number | null): number | null {
  return dueUs === null || nowUs === null ? null : Math.max(0, Math.ceil((dueUs - nowUs) / 1_000_000));
}

/** 1:12 */
export function formatCountdown(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
