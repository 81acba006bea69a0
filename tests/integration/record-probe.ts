/** Reads a recording as independent readers do: ffprobe's packets, ffmpeg's decoder, mediabunny. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { EncodedPacketSink, FilePathSource, Input, MP4 } from 'mediabunny';
import { parameterSets } from '../../src-main/engine/record/fragmenter.ts';
import type { VideoHeader, VideoPacket } from '../../src-main/process/packet.ts';
import { run } from './record-feed.ts';

export interface ReadPacket {
  ptsS: number;
  dtsS: number;
  key: boolean;
  sizeBytes: number;
  dataHash: string;
}

export const hashOf = (data: Uint8Array): string => createHash('sha1').update(data).digest('hex');

/** Of a picture as it is in a file: parameter sets go in front of each IDR. */
export const recordedHash = ({ key, data }: VideoPacket, header: VideoHeader): string =>
  hashOf(key ? Buffer.concat([parameterSets(header), data]) : data);

/** In decode order; packets that an edit list hides are left out. */
export function packetsOf(path: string, stream: 'v' | 'a'): ReadPacket[] {
  const { packets } = JSON.parse(run('ffprobe', ['-show_packets', '-select_streams', stream, '-of', 'json', path])) as {
    packets: { pts_time: string; dts_time: string; flags: string; size: string; pos: string }[];
  };
  const file = readFileSync(path);
  return packets
    .map(({ pts_time, dts_time, flags, size, pos }) => ({
      ptsS: Number(pts_time),
      dtsS: Number(dts_time),
      key: flags.startsWith('K'),
      sizeBytes: Number(size),
      dataHash: hashOf(file.subarray(Number(pos), Number(pos) + Number(size))),
    }))
    .filter(({ ptsS }) => ptsS > -1e-6);
}

/** @returns what ffmpeg has to complain about; empty for a file that decodes cleanly */
export function decodeErrors(path: string): string {
  return spawnSync('ffmpeg', ['-hide_banner', '-v', 'warning', '-xerror', '-i', path, '-f', 'null', '-'], { encoding: 'utf8' }).stderr;
}

export async function readByMediabunny(path: string): Promise<{ durationS: number; videoPtsS: number[]; audioStartS: number | null }> {
  const input = new Input({ formats: [MP4], source: new FilePathSource(path) });
  const [video, audio] = [await input.getPrimaryVideoTrack(), await input.getPrimaryAudioTrack()];
  if (!video) throw new Error('no video track');
  const videoPtsS: number[] = [];
  for await (const packet of new EncodedPacketSink(video).packets()) videoPtsS.push(packet.timestamp);
  const result = { durationS: await video.computeDuration(), videoPtsS, audioStartS: audio ? await audio.getFirstTimestamp() : null };
  input.dispose();
  return result;
}
