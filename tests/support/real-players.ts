/** Programs of others that play what the live server gives, each until it has shown some seconds. What is not installed is left out by name. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { findPeer } from './find-tools.ts';

export interface RealPlayer {
  /** also the name of its recording in tests/fixtures/players */
  name: string;
  needs: string;
  /** of the show's address by HTTP, what follows the stream's name; '': by RTMP */
  path: '' | '.flv' | '/index.m3u8' | '/ts.m3u8';
  /** Plays `url` for three seconds or so, in time, and ends. @returns what it said, and whether it played */
  play(url: string): Promise<{ played: boolean; said: string }>;
}

const PICTURES = 75;
const HEADLESS = { SDL_VIDEODRIVER: 'dummy', SDL_AUDIODRIVER: 'dummy' };

/** ffplay goes on until it is ended: it played when the clock it prints has gone on for three seconds. */
async function ffplay(url: string) {
  const child = spawn('ffplay', ['-hide_banner', '-stats', url], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, ...HEADLESS },
  });
  let said = '';
  const clocksS: number[] = [];
  child.stderr.on('data', (data: Buffer) => {
    said = `${said}${data}`.slice(-4_000);
    for (const [, clockS] of `${data}`.matchAll(/([\d.]+) A-V:/g)) clocksS.push(Number(clockS));
    if ((clocksS.at(-1) ?? 0) - (clocksS[0] ?? 0) > 3) child.kill();
  });
  const giveUp = setTimeout(() => child.kill(), 30_000);
  await once(child, 'exit');
  clearTimeout(giveUp);
  return { played: (clocksS.at(-1) ?? 0) - (clocksS[0] ?? 0) > 3, said };
}

/** A pipeline of GStreamer ends by itself, and well, when its sinks have shown their share. */
async function gstreamer(pipeline: string) {
  const child = spawn('gst-launch-1.0', ['-q', ...pipeline.split(' ')], { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (said = `${said}${data}`.slice(-4_000)));
  const giveUp = setTimeout(() => child.kill(), 30_000);
  const [code] = await once(child, 'exit');
  clearTimeout(giveUp);
  return { played: code === 0, said };
}

const sink = `fakesink sync=true num-buffers=${PICTURES}`;
const flvPipeline = (source: string) =>
  gstreamer(`${source} ! flvdemux name=d d.video ! queue ! h264parse ! ${sink} d.audio ! queue ! aacparse ! ${sink}`);

export const REAL_PLAYERS: RealPlayer[] = [
  { name: 'ffplay', needs: 'ffplay', path: '', play: ffplay },
  { name: 'ffplay-flv', needs: 'ffplay', path: '.flv', play: ffplay },
  { name: 'ffplay-hls', needs: 'ffplay', path: '/index.m3u8', play: ffplay },
  // rtmpdump's library
  { name: 'librtmp', needs: 'gst-launch-1.0', path: '', play: (url) => flvPipeline(`rtmpsrc location=${url}`) },
  { name: 'gstreamer', needs: 'gst-launch-1.0', path: '', play: (url) => flvPipeline(`rtmp2src location=${url}`) },
  { name: 'gstreamer-flv', needs: 'gst-launch-1.0', path: '.flv', play: (url) => flvPipeline(`souphttpsrc location=${url}`) },
  {
    name: 'gstreamer-hls',
    needs: 'gst-launch-1.0',
    path: '/ts.m3u8',
    play: (url) => gstreamer(`urisourcebin uri=${url} parse-streams=true ! ${sink}`),
  },
];

export const isInstalled = ({ needs }: RealPlayer): boolean => findPeer(needs) !== null;
