/** A process: FFmpeg 8 (in node-av) listens for one RTMP publisher, or plays what a server has, decodes all that comes, and says what it was as JSON. */

import { Decoder, Demuxer } from 'node-av';
import { AVMEDIA_TYPE_VIDEO } from 'node-av/constants';

const [url = '', how = 'listen'] = process.argv.slice(2);
await using input = await Demuxer.open(url, { options: { ...(how === 'listen' && { listen: '1' }), probesize: '200000' } });
const tracks = await Promise.all(
  input.streams.map(async (stream) => ({
    decoder: await Decoder.create(stream),
    isVideo: stream.codecpar.codecType === AVMEDIA_TYPE_VIDEO,
    codecId: stream.codecpar.codecId,
    packets: 0,
    ptsMs: [] as number[],
    sizes: new Set<string>(),
    samples: 0,
  })),
);
try {
  for await (const packet of input.packets()) {
    const track = packet ? tracks[packet.streamIndex] : undefined;
    if (track) track.packets += 1;
    for (const each of packet ? (track ? [track] : []) : tracks) await decode(each, packet);
  }
} catch (error) {
  console.error(String(error)); // the publisher's goodbye ends the input this way or that
}
async function decode(track: (typeof tracks)[number], packet: Parameters<Decoder['decodeAll']>[0]): Promise<void> {
  for (const frame of await track.decoder.decodeAll(packet)) {
    track.ptsMs.push(Number(frame.pts));
    if (track.isVideo) track.sizes.add(`${frame.width}x${frame.height}`);
    else track.samples += frame.nbSamples;
    frame.free();
  }
}
process.stdout.write(`${JSON.stringify(tracks.map(({ decoder: _, sizes, ...track }) => ({ ...track, sizes: [...sizes] })))}\n`);
process.exit(0);
