/** FFmpeg 8, the one inside node-av, as an RTMP server in a process of its own: what it decodes of a show. */
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
  const file = fileURLToPath(new URL('ffmpeg8-receiver-process.ts', import.meta.url));
  const child = spawn(node24, [file, `${url}/show`], { stdio: ['ignore', 'pipe', 'pipe'] });
  let [output, complaint] = ['', ''];
  child.stdout.on('data', (bytes) => (output += bytes));
  child.stderr.on('data', (bytes) => (complaint += bytes));
  const ended = once(child, 'exit');
  return {
    url,
    streamKey: 'show',
    decoded: async () => {
      await ended;
      if (!output) throw new Error(`FFmpeg decoded nothing: ${complaint}`);
      return JSON.parse(output) as DecodedTrack[];
    },
    dispose: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
