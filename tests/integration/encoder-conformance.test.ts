/**
 * What every video encoder has to do, whoever does it. Each back end declares what it can do in place; every yes and
 * every no is proved on the bare encoder, and what the rest of the process relies on, on the one it opens. Encoders get
 * pictures as fast as they take them, so nothing here is measured against the clock but opening anew.
 */
import { describeConformance } from '../support/encoder-conformance-suite.ts';

const SUBJECTS: Parameters<typeof describeConformance>[0][] = [
  { name: 'libx264', backEnd: 'node-av', video: {}, bFrames: true },
  { name: 'libx265', backEnd: 'node-av', video: { codec: 'hevc', encoder: 'libx265' }, bFrames: true },
  { name: 'libsvtav1', backEnd: 'node-av', video: { codec: 'av1', encoder: 'libsvtav1' }, bFrames: false },
  { name: 'the command line, libx264', backEnd: 'command-line', video: {}, bFrames: true },
];

for (const subject of SUBJECTS) describeConformance(subject);
