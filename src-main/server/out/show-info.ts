/** What the API tells of a show's qualities. */
import type { LiveStream } from '../hub/live-stream.ts';
import type { Ladder } from '../ladder/ladder.ts';
import { readSource } from '../ladder/source-picture.ts';

/** The name of what the publisher sends, among the qualities. */
export const SOURCE = 'source';

/** A quality that viewers may choose. */
export interface RungInfo {
  /** "source": as the publisher sends it; else by the shorter side, "480p" */
  name: string;
  /** null: sound only */
  widthPx: number | null;
  heightPx: number | null;
  frameRate: number | null;
  /** of picture and sound: measured where it runs, else as planned */
  bitrateKbps: number;
  /** as in RFC 6381 */
  codecs: string[];
  /** pictures come now; else the first viewer has it started, which takes about a second */
  running: boolean;
  viewers: number;
  /** HTTP-FLV; the HLS master playlist has all of them */
  flvPath: string;
}

/** @returns the best first; nothing while nobody publishes */
export function rungInfos(stream: LiveStream, ladder: Ladder | null): RungInfo[] {
  if (!stream.publishing) return [];
  const { video, audio, audioKbps } = ladder?.format ?? readSource(stream.headers, stream.gop);
  const own = ladder?.viewers ?? 0;
  const source: RungInfo = {
    name: SOURCE,
    widthPx: video?.widthPx ?? null,
    heightPx: video?.heightPx ?? null,
    frameRate: video?.frameRate ?? null,
    bitrateKbps: stream.stats().bitrateKbps,
    codecs: [video?.codecString, audio?.codecString].filter((codec) => codec !== undefined),
    running: true,
    viewers: stream.viewers - own,
    flvPath: `/live/${stream.name}.flv`,
  };
  const rungs = (ladder?.offers ?? []).map(({ name, video: { widthPx, heightPx, frameRate, bitrateKbps }, codecString }): RungInfo => {
    const rung = ladder?.rungs.get(name);
    return {
      name,
      widthPx,
      heightPx,
      frameRate,
      bitrateKbps: rung?.running ? rung.stream.stats().bitrateKbps : bitrateKbps + audioKbps,
      codecs: [codecString, ...(audio ? [audio.codecString] : [])],
      running: rung?.running ?? false,
      viewers: rung?.stream.viewers ?? 0,
      flvPath: `/live/${stream.name}/${name}.flv`,
    };
  });
  return [source, ...rungs];
}
