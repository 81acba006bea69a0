/** A process: FFmpeg 8 (in node-av) publishes a file's streams over RTMP, unchanged and in real time. It names no codecs in connect. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Demuxer, Muxer } from 'node-av';

const [file = '', url = ''] = process.argv.slice(2);
await using input = await Demuxer.open(file);
await using output = await Muxer.open(url, { format: 'flv' });
const outputs = input.streams.map((stream) => output.addStream(stream));
const startMs = performance.now();
for await (const packet of input.packets()) {
  if (!packet) break;
  const { timeBase } = input.streams[packet.streamIndex]!;
  const dueMs = (Number(packet.dts) * timeBase.num * 1_000) / timeBase.den;
  await sleep(Math.max(0, startMs + dueMs - performance.now()));
  await output.writePacket(packet, outputs[packet.streamIndex]!);
}
