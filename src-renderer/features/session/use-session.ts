import { useEffect, useState } from 'react';
import type { RecorderState, SessionState } from '../../../src-shared/domain/index.ts';
import { useEngine } from '../../engine-client/engine.ts';
import { invokeShell, shellBridge } from '../../engine-client/shell.ts';
import { engineNowUs } from '../health/stats-history.ts';
import { type AirState, airState } from './air-state.ts';

const IDLE: SessionState = { phase: 'idle' };
const NOT_RECORDING: RecorderState = { phase: 'idle', failure: null };

export function useSession(): SessionState {
  return useEngine('stats.get', ({ session }) => session) ?? IDLE;
}

export function useRecorder(): RecorderState {
  return useEngine('stats.get', ({ recorder }) => recorder) ?? NOT_RECORDING;
}

export function useAirState(): AirState {
  return useEngine('stats.get', ({ session, publishers }) => airState(session, publishers)) ?? 'idle';
}

/** Milliseconds since an engine time, again every second; null while there is nothing to count. */
export function useElapsedMs(sinceUs: number | null): number | null {
  const [, tick] = useState(0);
  useEffect(() => {
    if (sinceUs === null) return;
    const timer = setInterval(() => tick((n) => n + 1), 1_000);
    return () => clearInterval(timer);
  }, [sinceUs]);
  const nowUs = engineNowUs();
  return sinceUs === null || nowUs === null ? null : (nowUs - sinceUs) / 1_000;
}

/** The tray and the window's title follow the show. */
export function useTellShell(state: AirState): void {
  const told = state === 'live' || state === 'reconnecting' ? 'live' : state === 'rehearsal' ? 'rehearsal' : 'idle';
  useEffect(() => {
    if (shellBridge) void invokeShell('shell.onAir', { state: told }).catch(() => {}); // only the tray's colour depends on it
  }, [told]);
}
