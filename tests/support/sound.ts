/** A sound whose place, rate and loudness can be told from any part of it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { requireTool } from './find-tools.ts';

/** With no common beat: shifted against itself it is something else. Below what any encoder of ours cuts off. */
const TONES_HZ = [440, 1_117, 1_733, 2_591];

/** At a time, of either rate. Its loudest is 0.6. */
export const soundAt = (timeS: number): number => TONES_HZ.reduce((sum, hz) => sum + 0.15 * Math.sin(2 * Math.PI * hz * timeS), 0);

export interface Heard {
  /** by how much it comes too late, to a sample of what was decoded */
  lateSamples: number;
  /** against `soundAt` */
  gain: number;
  /** 1: nothing else is heard */
  likeness: number;
}

/** Where the sound that began at 0 s is in one channel, listened to for 0.2 s from `fromS` on. */
export function listen(channel: Float32Array, rateHz: number, fromS: number, withinSamples = 60): Heard {
  const from = Math.round(fromS * rateHz);
  const part = channel.subarray(from, from + Math.round(0.2 * rateHz));
  const length = part.length + 2 * withinSamples;
  const wanted = Float32Array.from({ length }, (_, n) => soundAt((from - withinSamples + n) / rateHz));
  let best: Heard = { lateSamples: 0, gain: 0, likeness: 0 };
  for (let late = -withinSamples; late <= withinSamples; late += 1) {
    let [both, own, heard] = [0, 0, 0];
    for (const [n, value] of part.entries()) {
      const expected = wanted[n + withinSamples - late]!;
      both += expected * value;
      own += expected * expected;
      heard += value * value;
    }
    const likeness = both / Math.sqrt(own * heard);
    if (likeness > best.likeness) best = { lateSamples: late, gain: both / own, likeness };
  }
  return best;
}

/** What ffmpeg's decoder makes of a file's sound, as it plays it: without what edit lists hide. One array a channel. */
export async function decodedSound(path: string, channels: number): Promise<Float32Array[]> {
  const ffmpeg = spawn(requireTool('ffmpeg'), ['-v', 'error', '-i', path, '-map', '0:a', '-f', 'f32le', 'pipe:1']);
  const chunks: Buffer[] = [];
  ffmpeg.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(ffmpeg, 'close');
  const raw = Buffer.concat(chunks);
  const count = Math.floor(raw.length / 4 / channels);
  return Array.from({ length: channels }, (_, channel) =>
    Float32Array.from({ length: count }, (_, n) => raw.readFloatLE((n * channels + channel) * 4)),
  );
}
