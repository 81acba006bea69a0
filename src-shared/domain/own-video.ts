/** What a destination is sent in the place of the show's video: "1080p60 here, 720p30 there, upright to a third". Pure. */
import type { z } from 'zod';
import { RenditionId } from './ids.ts';
import { VideoSettings } from './rendition.ts';
import { describeEncoder } from './video-encoder.ts';

/** The rest of the settings is the show's. */
export const OwnVideo = VideoSettings.pick({
  widthPx: true,
  heightPx: true,
  frameRate: true,
  encoder: true,
  bitrateKbps: true,
  fit: true,
});
export type OwnVideo = z.infer<typeof OwnVideo>;

/** The encode that such a destination takes: those who want the same share one. @param own null: the show's video */
export function renditionOf(own: OwnVideo | null): RenditionId {
  if (!own) return RenditionId.parse('stream');
  const { widthPx, heightPx, frameRate, encoder, bitrateKbps, fit } = own;
  const rate = String(Math.round(frameRate * 100) / 100).replace('.', '_');
  return RenditionId.parse(`${widthPx}x${heightPx}at${rate}-${encoder}-${bitrateKbps}-${fit}`);
}

/** What another size or codec cannot have is left to the encoder. */
export function withOwn(video: VideoSettings, own: OwnVideo | null): VideoSettings {
  if (!own) return video;
  const { codec } = describeEncoder(own.encoder);
  const most = video.maxBitrateKbps;
  const maxBitrateKbps = most && Math.min(200_000, Math.round((most * own.bitrateKbps) / video.bitrateKbps));
  const merged = { ...video, ...own, codec, level: null, maxBitrateKbps };
  return codec === video.codec ? merged : { ...merged, profile: 'auto', bitDepth: 8 };
}
