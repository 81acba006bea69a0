/**
 * Records in real time until it is killed, and says on standard output up to which time it has handed over media, in
 * seconds. Arguments: a file for ffmpeg's input, the recording's path, B-frames.
 */
import { RecordingFile } from '../../src-main/engine/record/recording-file.ts';
import { decodeUs, later, makeFeed } from './record-feed.ts';

const [feedPath = '', path = '', bFrames = '0'] = process.argv.slice(2);
const LOOP_S = 4;
const feed = await makeFeed(feedPath, { seconds: LOOP_S, bFrames: Number(bFrames), gopFrames: 60 });
const recording = await RecordingFile.create(path, { ...feed, requestIdr: () => {}, onFailure: (error) => console.error(error.message) });
const startMs = performance.now();
for (let loop = 0; ; loop++) {
  for (const packet of later(feed.packets, loop * LOOP_S * 1e6)) {
    const dueMs = startMs + decodeUs(packet) / 1_000;
    const waitMs = dueMs - performance.now();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    recording.write(packet);
    if (packet.kind === 'video') process.stdout.write(`${decodeUs(packet) / 1e6}\n`);
  }
}
