/** The configurations for nginx-rtmp, run: a forwarded show goes through the origin to an edge, and plays there as HLS. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { type ClusterRequest, parseClusterArguments } from '../../src-main/headless/cluster-config/command.ts';
import { createLiveServer, type LiveServer } from '../../src-main/server/create-server.ts';
import { findPeer } from '../support/find-tools.ts';
import { freePort, hasNginxRtmp } from '../support/rtmp-peers.ts';
import { KEY, Publishers, runTool, until } from './server-support.ts';

const CLUSTER_KEY = 'abcdefgh12345678';
const folder = mkdtempSync(join(tmpdir(), 'tidecast-cluster-'));
const publishers = new Publishers();
const children: ChildProcess[] = [];
const servers: LiveServer[] = [];
afterAll(async () => {
  await publishers.close();
  await Promise.all(servers.map((server) => server.close()));
  const ended = children.map((child) => once(child, 'close'));
  for (const child of children) child.kill('SIGKILL');
  await Promise.all(ended);
  rmSync(folder, { recursive: true });
});

/** Both on this machine: other ports, folders of their own, and one process each, so that ending it leaves no worker. */
function startNginx(name: string, text: string, ports: [string, string][]): void {
  const own = join(folder, name);
  mkdirSync(join(own, 'hls'), { recursive: true });
  const here = ports.reduce((config, [from, to]) => config.replaceAll(from, to), text);
  const config = here
    .replace('load_module modules/', 'load_module /usr/lib/nginx/modules/')
    .replaceAll('/var/lib/tidecast-hls', join(own, 'hls'))
    .replace('worker_processes 1;', `daemon off; master_process off; pid ${own}/pid;`);
  writeFileSync(join(own, 'nginx.conf'), config);
  children.push(
    spawn(findPeer('nginx') as string, ['-c', join(own, 'nginx.conf'), '-p', own, '-e', join(own, 'log')], { stdio: 'ignore' }),
  );
}

async function forward(to: string): Promise<{ server: LiveServer; log: string[] }> {
  const log: string[] = [];
  const options = { host: '127.0.0.1', rtmpPort: 0, httpPort: 0, streams: [{ name: 'live', key: KEY }], forwards: [{ name: 'live', to }] };
  const server = await createLiveServer(options, { viewerRoot: '/nowhere', onIdrWanted: () => {}, log: (line) => log.push(line) });
  servers.push(server);
  publishers.publish(await publishers.clip(), `${server.rtmpUrl}/live?key=${KEY}`);
  return { server, log };
}

test.runIf(hasNginxRtmp())(
  'nginx-rtmp: origin and edge, the key asked for',
  async () => {
    const args = ['--to', 'nginx-rtmp', '--origin', '127.0.0.1', '--edge', '127.0.0.1', '--key', CLUSTER_KEY];
    const { plan } = parseClusterArguments(args) as ClusterRequest;
    const [originRtmp, originHttp, edgeRtmp, edgeHttp] = await Promise.all([freePort(), freePort(), freePort(), freePort()]);
    const [origin, edge] = plan.files.map(({ text }) => text) as [string, string];
    startNginx('edge', edge, [
      ['listen 1935', `listen 127.0.0.1:${edgeRtmp}`],
      ['listen 8080', `listen 127.0.0.1:${edgeHttp}`],
    ]);
    startNginx('origin', origin, [
      ['listen 1935', `listen 127.0.0.1:${originRtmp}`],
      ['127.0.0.1:1935', `127.0.0.1:${edgeRtmp}`],
      ['127.0.0.1:8081', `127.0.0.1:${originHttp}`],
    ]);

    const stranger = await forward(`rtmp://127.0.0.1:${originRtmp}/live/show?key=another`);
    await until(() => stranger.log.length > 0);
    await forward(`rtmp://127.0.0.1:${originRtmp}/live/show?key=${CLUSTER_KEY}`);
    const playlist = `http://127.0.0.1:${edgeHttp}/hls/show.m3u8`;
    await until(async () => (await fetch(playlist).catch(() => null))?.status === 200);
    const { out } = await runTool('ffprobe', ['-v', 'error', '-show_entries', 'stream=codec_name', '-of', 'csv=p=0', playlist]);
    expect(new Set(out.split('\n').filter(Boolean))).toEqual(new Set(['aac', 'h264'])); // in the playlist's program, and by itself
  },
  60_000,
);
