/** Figures as people read them. */

/** 00:12:31 */
export function formatElapsed(ms: number): string {
  const s = Math.max(0, Math.floor(ms / 1_000));
  const two = (n: number) => String(n).padStart(2, '0');
  return `${two(Math.floor(s / 3_600))}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`;
}

/** Decimal units, as disks are sold: 212 GB. */
export function formatBytes(bytes: number, language: string): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'] as const;
  const step = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1_000 ** step;
  return `${value.toLocaleString(language, { maximumFractionDigits: value < 10 && step > 1 ? 1 : 0 })} ${units[step]}`;
}

/** Below 10 Mbps in kbps: 2,500 kbps; above with one decimal: 12.0 Mbps. */
export function formatBitrate(kbps: number, language: string): string {
  if (kbps >= 10_000) return `${(kbps / 1_000).toLocaleString(language, { minimumFractionDigits: 1, maximumFractionDigits: 1 })} Mbps`;
  return `${Math.round(kbps).toLocaleString(language)} kbps`;
}

/** In Mbps with one decimal from 1 Mbps on: 6.0 Mbps. */
export function formatMbps(kbps: number, language: string): string {
  if (kbps < 1_000) return formatBitrate(kbps, language);
  return `${(kbps / 1_000).toLocaleString(language, { minimumFractionDigits: 1, maximumFractionDigits: 1 })} Mbps`;
}

/** 0.42 s */
export function formatSeconds(ms: number, language: string): string {
  return `${(ms / 1_000).toLocaleString(language, { minimumFractionDigits: 2, maximumFractionDigits: 2 })} s`;
}

/** -∞ at and below -96, else one decimal with its sign. */
export function formatDb(db: number): string {
  if (db <= -96) return '−∞ dB';
  const rounded = Math.round(db * 10) / 10;
  return `${rounded > 0 ? '+' : rounded < 0 ? '−' : ''}${Math.abs(rounded).toFixed(1)} dB`;
}
