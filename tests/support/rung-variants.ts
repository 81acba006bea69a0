/** The source of a show and a rung of it, as two variants of one master playlist. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runTool } from '../integration/server-support.ts';
import { type CheckedSegment, compareVariants } from './hls-checker.ts';
import { HlsClient } from './hls-client.ts';

/** of the first picture and the first sound of a segment, in seconds, as ffprobe tells them */
type StartTimes = Record<'video' | 'audio', number>;

/** @param listed both are listed by now, and only the source has been asked for */
export async function openVariants(masterUrl: string, listed = () => {}): Promise<{ source: HlsClient; rung: HlsClient }> {
  const source = await HlsClient.open(masterUrl);
  await source.reload();
  listed();
  const rung = await HlsClient.open(masterUrl, 1);
  await rung.reload();
  return { source, rung };
}

/**
 * After so many updates of the rung: what is wrong with the playlists, and how far apart pictures and sound of the newest
 * segment of both begin. Sound is placed between RTMP's whole milliseconds, by how long it has been counted.
 */
export async function compareRung(
  source: HlsClient,
  rung: HlsClient,
  { updates, directory }: { updates: number; directory: string },
): Promise<{ complaints: string[]; apartMs: number }> {
  for (let i = 0; i < updates; i += 1) await rung.next();
  await source.reload();
  await rung.reload();
  const complaints = [
    ...source.follower.complaints,
    ...rung.follower.complaints,
    ...compareVariants(source.follower.last, rung.follower.last),
  ];
  const common = rung.follower.last.segments.filter(({ uri }) => uri !== null).at(-1);
  const own = source.follower.last.segments.find(({ programDateTimeMs }) => programDateTimeMs === common?.programDateTimeMs);
  if (own?.msn !== common?.msn) complaints.push(`segment ${common?.msn} of the rung is ${own?.msn} of the source`);
  const [one, other] = [await timesOf(source, own, directory), await timesOf(rung, common, directory)];
  return { complaints, apartMs: Math.max(Math.abs(one.video - other.video), Math.abs(one.audio - other.audio)) * 1_000 };
}

async function timesOf(client: HlsClient, segment: CheckedSegment | undefined, directory: string): Promise<StartTimes> {
  const file = join(directory, 'segment');
  const pieces = [segment?.mapUri, segment?.uri].filter((uri) => typeof uri === 'string').map((uri) => client.load(uri));
  writeFileSync(file, Buffer.concat(await Promise.all(pieces)));
  const probe = await runTool('ffprobe', ['-v', 'error', '-show_entries', 'packet=codec_type,pts_time', '-of', 'json', file]);
  const { packets } = JSON.parse(probe.out) as { packets: { codec_type: string; pts_time: string }[] };
  const first = (kind: string) => Number(packets.find(({ codec_type }) => codec_type === kind)?.pts_time);
  return { video: first('video'), audio: first('audio') };
}
