/**
 * A process: plays a stream over RTMP for some seconds and decodes it at once, and says as JSON how old each picture was
 * then, by its time code and by the times in the stream.
 */
import { Decoder, Demuxer } from 'node-av';
import { AVMEDIA_TYPE_VIDEO } from 'node-av/constants';
import { findPictureTimes } from '../../src-shared/picture-times.ts';
import { readTickStrip, timeCodeAgeMs } from '../../src-shared/tick-strip.ts';

export interface RtmpGlass {
  samples: { byStreamMs: number | null; byPictureMs: number | null }[];
  /** from the call that opens the connection to the first decoded picture */
  firstFrameMs: number;
}

const US_PER_MS = 1_000;
const [url = '', seconds = '10'] = process.argv.slice(2);
const startMs = performance.now();
const glass: RtmpGlass = { samples: [], firstFrameMs: Number.NaN };
await using input = await Demuxer.open(url, {
  options: { fflags: 'nobuffer', probesize: '32768' },
});
const stream = input.streams.find(({ codecpar }) => codecpar.codecType === AVMEDIA_TYPE_VIDEO);
if (!stream) throw new Error('There is no picture in the stream.');
// more threads than one would keep pictures back
using decoder = await Decoder.create(stream, { context: { threadCount: 1 } });
const composed = new Map<bigint, number>();
for await (const packet of input.packets()) {
  if (!packet || packet.streamIndex !== stream.index) continue;
  const times = findPictureTimes(packet.data ?? new Uint8Array(), 'h264');
  if (times) composed.set(packet.pts, (times.epochUnixUs + times.composeUs) / US_PER_MS);
  for (const frame of await decoder.decodeAll(packet)) {
    const nowMs = performance.timeOrigin + performance.now();
    if (Number.isNaN(glass.firstFrameMs)) glass.firstFrameMs = performance.now() - startMs;
    const luma = frame.data?.[0];
    const code = luma ? readTickStrip(luma, frame.linesize[0] ?? frame.width, frame.width) : null;
    const composedMs = composed.get(frame.pts);
    composed.delete(frame.pts);
    glass.samples.push({
      byStreamMs: composedMs === undefined ? null : nowMs - composedMs,
      byPictureMs: code === null ? null : timeCodeAgeMs(code, nowMs),
    });
    frame.free();
  }
  if (glass.samples.length > 0 && performance.now() - startMs > Number(seconds) * 1_000) break;
}
process.stdout.write(`${JSON.stringify(glass)}\n`);
process.exit(0);
