/** Every encoder that runs anywhere, at sizes and presets of real shows and for longer than `npm test` has time for. */
import { describeConformance } from '../support/encoder-conformance-suite.ts';

const SIZE = { widthPx: 640, heightPx: 360, bitrateKbps: 2_000 };

describeConformance({ name: 'libx264, medium', backEnd: 'node-av', video: { ...SIZE, preset: 'medium' }, bFrames: true, rateS: 60 });
describeConformance({
  name: 'libx264, 720p, veryfast',
  backEnd: 'node-av',
  video: { widthPx: 1_280, heightPx: 720, bitrateKbps: 5_000, preset: 'veryfast' },
  bFrames: true,
  rateS: 30,
});
describeConformance({
  name: 'libx265, veryfast',
  backEnd: 'node-av',
  video: { ...SIZE, codec: 'hevc', encoder: 'libx265', preset: 'veryfast' },
  bFrames: true,
  rateS: 30,
});
describeConformance({
  name: 'libsvtav1, fast',
  backEnd: 'node-av',
  video: { ...SIZE, codec: 'av1', encoder: 'libsvtav1', preset: 'fast' },
  bFrames: false,
  rateS: 30,
});
describeConformance({
  name: 'the command line, libx264',
  backEnd: 'command-line',
  video: { ...SIZE, preset: 'medium' },
  bFrames: true,
  rateS: 60,
});
describeConformance({
  name: 'the command line, libx265',
  backEnd: 'command-line',
  video: { ...SIZE, codec: 'hevc', encoder: 'libx265', preset: 'ultrafast' },
  bFrames: true,
});
