/** Which of a connection's tracks something belongs to. 0 is the default: the only one there was before Enhanced RTMP. */
import type { RenditionId } from '../../../src-shared/domain/index.ts';
import type { MediaHeader, MediaPacket } from '../../process/packet.ts';

/** @returns null: it is not carried at all */
export type TrackOf = (item: MediaHeader | MediaPacket) => number | null;

/** @param renditions left out: there is one picture, whatever its rendition */
export function trackOf(renditions?: readonly RenditionId[]): TrackOf {
  return (item) => {
    if (item.kind === 'audio') return item.track ?? 0;
    const track = renditions?.indexOf(item.renditionId) ?? 0;
    return track < 0 ? null : track;
  };
}
