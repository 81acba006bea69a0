/** A multivariant ("master") playlist. @see RFC 8216bis, 4.4.6.2 */

export interface Variant {
  uri: string;
  /** the highest bit rate of a segment */
  peakBps: number;
  averageBps: number;
  /** as in RFC 6381, of every track */
  codecs: readonly string[];
  /** null: sound only */
  picture: { widthPx: number; heightPx: number; frameRate: number } | null;
}

/** The first is the one a player begins with. */
export function writeMasterPlaylist(variants: readonly Variant[]): string {
  const lines = ['#EXTM3U', '#EXT-X-VERSION:6'];
  for (const { uri, peakBps, averageBps, codecs, picture } of variants) {
    const attributes = [
      `BANDWIDTH=${Math.ceil(peakBps)}`,
      `AVERAGE-BANDWIDTH=${Math.ceil(averageBps)}`,
      `CODECS="${codecs.join(',')}"`,
      ...(picture ? [`RESOLUTION=${picture.widthPx}x${picture.heightPx}`, `FRAME-RATE=${picture.frameRate.toFixed(3)}`] : []),
      'CLOSED-CAPTIONS=NONE',
    ];
    lines.push(`#EXT-X-STREAM-INF:${attributes.join(',')}`, uri);
  }
  return `${lines.join('\n')}\n`;
}
