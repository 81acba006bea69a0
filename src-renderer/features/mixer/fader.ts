/**
 * The fader's law: even steps where the ear works (0 to -20 dB), squeezed below, as on a hardware desk
 * (after IEC 60268-18's meter scale). Position 0 is silence (-96 dB), 1 is +12 dB.
 */
const POINTS: readonly (readonly [position: number, db: number])[] = [
  [0, -96],
  [0.06, -60],
  [0.16, -40],
  [0.3, -30],
  [0.46, -20],
  [0.64, -10],
  [0.82, 0],
  [1, 12],
];

export function faderToDb(position: number): number {
  return interpolate(position, 0, 1);
}

export function dbToFader(db: number): number {
  return interpolate(db, 1, 0);
}

function interpolate(value: number, from: 0 | 1, to: 0 | 1): number {
  const upper = POINTS.findIndex((point) => point[from] >= value);
  if (upper === 0) return (POINTS[0] as readonly [number, number])[to];
  const high = POINTS[upper] ?? (POINTS.at(-1) as readonly [number, number]);
  const low = upper < 0 ? high : (POINTS[upper - 1] as readonly [number, number]);
  if (high === low) return high[to];
  return low[to] + ((value - low[from]) / (high[from] - low[from])) * (high[to] - low[to]);
}

/** Where a level lies on the meter: -60 dBFS is 0, 0 dBFS is 1, linear in decibels. */
export function meterPosition(db: number): number {
  return Math.min(1, Math.max(0, (db + 60) / 60));
}
