/** The ladder as the server tells it: the same show at several sizes. */

export interface Rung {
  /** `source` is what the publisher sends */
  name: string;
  widthPx: number;
  heightPx: number;
  bitrateKbps: number;
  /** as in RFC 6381, such as avc1.64001f,mp4a.40.2; empty: not known yet */
  codecs: string;
}

export const SOURCE = 'source';

export const pixels = ({ widthPx, heightPx }: Rung): number => widthPx * heightPx;

/** From the smallest to the largest, without those this browser cannot decode. @param canPlay of a list as in RFC 6381 */
export function playableRungs(rungs: readonly Rung[], canPlay: (codecs: string) => boolean): Rung[] {
  return rungs
    .filter(({ codecs }) => codecs === '' || canPlay(codecs))
    .toSorted((a, b) => pixels(a) - pixels(b) || a.bitrateKbps - b.bitrateKbps); // bitrates are measured, and swing
}

/** 720p; of two with the same height, with the bitrate too */
export function rungLabel(rung: Rung, rungs: readonly Rung[]): string {
  const { heightPx, widthPx, bitrateKbps, name } = rung;
  if (!heightPx) return name;
  const label = `${Math.min(widthPx, heightPx)}p`;
  const twins = rungs.filter((other) => Math.min(other.widthPx, other.heightPx) === Math.min(widthPx, heightPx));
  return twins.length > 1 ? `${label} · ${(bitrateKbps / 1_000).toFixed(1)} Mbps` : label;
}
