/** FFmpeg 8, the one inside node-av, in a process of its own: as an RTMP server or a player, and what it decodes; as a publisher. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { node24 } from './find-tools.ts';
import { freePort } from './rtmp-peers.ts';

export interface DecodedTrack {
  isVideo: boolean;
  /** FFmpeg's AV_CODEC_ID */
  codecId: number;
  packets: number;
  /** presentation times of the decoded frames */
  ptsMs: number[];
  /** "192x108" */
  sizes: string[];
  /** of sound */
  samples: number;
}

export interface Ffmpeg8Receiver {
  url: string;
  streamKey: string;
  /** Once the publisher has gone. */
  decoded(): Promise<DecodedTrack[]>;
  dispose(): Promise<void>;
}

/** The port is open some time after: a publisher that is refused tries again. */
export async function startFfmpeg8(): Promise<Ffmpeg8Receiver> {
  const url = `rtmp://127.0.0.1:${await freePort()}/live`;
  return { url, streamKey: 'show', ...decoder(`${url}/show`, 'listen') };
}

/** @param url of RTMP or HTTP-FLV. What it decodes is told once the server has ended the stream */
export const playWithFfmpeg8 = (url: string): Pick<Ffmpeg8Receiver, 'decoded' | 'dispose'> => decoder(url, 'play');

/** A file's streams as they are, in real time; ends with the file. */
export function publishWithFfmpeg8(file: string, url: string): { dispose(): Promise<void> } {
  return { dispose: run('ffmpeg8-publisher-process.ts', [file, url]).dispose };
}

function decoder(url: string, how: 'listen' | 'play'): Pick<Ffmpeg8Receiver, 'decoded' | 'dispose'> {
  const { child, ended, complaint, dispose } = run('ffmpeg8-receiver-process.ts', [url, how]);
  let output = '';
  child.stdout.on('data', (bytes) => (output += bytes));
  return {
    decoded: async () => {
      await ended;
      if (!output) throw new Error(`FFmpeg decoded nothing: ${complaint()}`);
      return JSON.parse(output) as DecodedTrack[];
    },
    dispose,
  };
}

function run(name: string, args: string[]) {
  const child = spawn(node24, [fileURLToPath(new URL(name, import.meta.url)), ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let complaint = '';
  child.stderr.on('data', (bytes) => (complaint += bytes));
  const ended = once(child, 'exit');
  const dispose = async () => {
    child.kill('SIGKILL');
    await ended;
  };
  return { child, ended, dispose, complaint: () => complaint };
}
