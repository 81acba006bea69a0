/** Programs of others that publish over RTMP, each driven as its users drive it. What is not installed is left out by name. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findPeer } from './find-tools.ts';
import { makeClip } from './h264-feed.ts';
import { startRig } from './publish-harness.ts';

export interface RealPublisher {
  /** also the name of its recording in tests/fixtures/publishers */
  name: string;
  /** programs it needs; Debian's package of each is in build/bootstrap/tools.mjs or said when it is left out */
  needs: string[];
  /** @returns ends it. @param clip an FLV file with H.264 and AAC. @param folder to write settings into */
  start(where: { clip: string; port: number; key: string; folder: string }): Promise<() => Promise<unknown>>;
}

const run = (command: string, args: string[], env: NodeJS.ProcessEnv = {}) => {
  const child = spawn(command, args, { stdio: 'ignore', env: { ...process.env, ...env }, detached: true });
  return () => end(child);
};

/** Splits the clip into its tracks and puts them together again in time, as a camera would give them. */
const gstreamer = (sink: string) => [
  '-q',
  'filesrc',
  'LOCATION',
  '!',
  'flvdemux',
  'name=d',
  'flvmux',
  'name=m',
  'streamable=true',
  '!',
  ...sink.split(' '),
  'd.video',
  '!',
  'queue',
  '!',
  'h264parse',
  '!',
  'm.video',
  'd.audio',
  '!',
  'queue',
  '!',
  'aacparse',
  '!',
  'm.audio',
];

const throughGstreamer =
  (sink: (url: string) => string): RealPublisher['start'] =>
  async ({ clip, port, key }) => {
    const args = gstreamer(sink(`rtmp://127.0.0.1:${port}/live/live?key=${key}`)).map((arg) =>
      arg === 'LOCATION' ? `location=${clip}` : arg,
    );
    return run('gst-launch-1.0', args);
  };

export const REAL_PUBLISHERS: RealPublisher[] = [
  {
    name: 'ffmpeg',
    needs: ['ffmpeg'],
    start: async ({ clip, port, key }) =>
      run('ffmpeg', [
        '-v',
        'error',
        '-re',
        '-stream_loop',
        '-1',
        '-i',
        clip,
        '-c',
        'copy',
        '-f',
        'flv',
        `rtmp://127.0.0.1:${port}/live/live?key=${key}`,
      ]),
  },
  // rtmpdump's library, which OBS has grown out of
  { name: 'librtmp', needs: ['gst-launch-1.0'], start: throughGstreamer((url) => `rtmpsink location=${url}`) },
  { name: 'gstreamer', needs: ['gst-launch-1.0'], start: throughGstreamer((url) => `rtmp2sink location=${url}`) },
  {
    name: 'obs',
    needs: ['obs', 'xvfb-run', 'dbus-run-session'],
    start: async ({ port, key, folder }) => {
      await writeObsSettings(folder, `rtmp://127.0.0.1:${port}/live`, key);
      const obs = ['obs', '--multi', '--disable-updater', '--disable-shutdown-check', '--startstreaming'];
      return run('xvfb-run', ['-a', 'dbus-run-session', '--', ...obs], {
        XDG_CONFIG_HOME: folder,
        HOME: folder,
        LIBGL_ALWAYS_SOFTWARE: '1',
      });
    },
  },
  {
    name: 'tidecast',
    needs: ['ffmpeg'],
    start: async ({ port, key }) => {
      const rig = startRig(await makeClip({ bitrateKbps: 200 }), { url: `rtmp://127.0.0.1:${port}/live`, streamKey: key });
      return () => rig.stop();
    },
  },
];

export const isInstalled = ({ needs }: RealPublisher): boolean => needs.every((program) => findPeer(program) !== null);

/** The whole group: xvfb-run's children do not end with it. */
async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const exit = once(child, 'exit');
  process.kill(-child.pid, 'SIGKILL');
  await exit;
}

/** A profile of OBS 29: a small black picture and silence, to a server of one's own. */
async function writeObsSettings(folder: string, server: string, key: string): Promise<void> {
  const base = join(folder, 'obs-studio');
  const scenes = join(base, 'basic/scenes');
  const profile = join(base, 'basic/profiles/Untitled');
  for (const one of [profile, scenes]) await mkdir(one, { recursive: true });
  const names = 'Profile=Untitled\nProfileDir=Untitled\nSceneCollection=Untitled\nSceneCollectionFile=Untitled\n';
  await writeFile(
    join(base, 'global.ini'),
    `[General]\nFirstRun=true\nPre19Defaults=false\nEnableAutoUpdates=false\nLastVersion=486539266\n[Basic]\n${names}`,
  );
  // without a scene it asks, and does not begin
  const scene = { name: 'Untitled', current_scene: 'Scene', current_program_scene: 'Scene', scene_order: [{ name: 'Scene' }] };
  const sources = [{ id: 'scene', name: 'Scene', settings: { items: [] } }];
  await writeFile(join(scenes, 'Untitled.json'), JSON.stringify({ ...scene, sources }));
  const picture = '[Video]\nBaseCX=320\nBaseCY=180\nOutputCX=320\nOutputCY=180\nFPSCommon=30\n';
  const output = '[Output]\nMode=Simple\n[SimpleOutput]\nVBitrate=300\nABitrate=64\nStreamEncoder=x264\nRecQuality=Stream\n';
  await writeFile(join(profile, 'basic.ini'), `[General]\nName=Untitled\n${picture}${output}`);
  await writeFile(join(profile, 'service.json'), JSON.stringify({ type: 'rtmp_custom', settings: { server, key, use_auth: false } }));
}
