/** One settings model, an encoder's own options: the family's table says how. Pure. */
import type { VideoSettings } from '../../../src-shared/domain/rendition.ts';
import { describeEncoder, type EncoderFamily } from '../../../src-shared/domain/video-encoder.ts';
import { amf } from './amf.ts';
import { mf } from './mf.ts';
import type { EncoderOptions, OptionTable } from './model.ts';
import { nvenc } from './nvenc.ts';
import { qsv } from './qsv.ts';
import { svtav1 } from './svtav1.ts';
import { vaapi } from './vaapi.ts';
import { videotoolbox } from './videotoolbox.ts';
import { x264 } from './x264.ts';
import { x265 } from './x265.ts';

const TABLES: Record<EncoderFamily, OptionTable> = {
  x264: (settings) => x264(settings),
  x265,
  svtav1,
  nvenc,
  qsv,
  amf,
  vaapi,
  videotoolbox,
  mf,
};

/** The settings' `encoder` decides; their `codec` is taken to be that encoder's. */
export function encoderOptions(settings: VideoSettings): EncoderOptions {
  return TABLES[describeEncoder(settings.encoder).family](settings);
}
