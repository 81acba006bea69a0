/** What a show costs this computer. Pure. */
import type { Destination } from './destination.ts';
import { tracksOf } from './further-tracks.ts';
import type { RenditionId } from './ids.ts';
import { renditionOf, withOwn } from './own-video.ts';
import type { VideoSettings } from './rendition.ts';

interface PlannedEncode<D> {
  id: RenditionId;
  video: VideoSettings;
  destinations: D[];
}

/** The stream's encodes of a show to these destinations, in their order; those of their further tracks come with them. */
export function plannedEncodes<D extends Pick<Destination, 'video' | 'tracks' | 'enhanced'>>(
  video: VideoSettings,
  destinations: readonly D[],
): PlannedEncode<D>[] {
  const encodes = new Map<RenditionId, PlannedEncode<D>>();
  for (const destination of destinations) {
    for (const own of [destination.video, ...tracksOf(destination).video]) {
      const id = renditionOf(own);
      const encode = encodes.get(id) ?? { id, video: withOwn(video, own), destinations: [] };
      if (!encode.destinations.includes(destination)) encode.destinations.push(destination);
      encodes.set(id, encode);
    }
  }
  return [...encodes.values()];
}
