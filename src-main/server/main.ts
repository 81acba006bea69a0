/** The live server's process: a service under the engine, or started by hand (docs/live-server.md). */
import { fileURLToPath } from 'node:url';
import { toFailure } from '../../src-shared/errors.ts';
import { ownServices } from '../process/own-services.ts';
import { connectParent } from '../process/parent.ts';
import type { FromServer, ToServer } from '../process/server-contract.ts';
import { parseCommandLine, USAGE } from './command-line.ts';
import { createLiveServer, type LiveServer } from './create-server.ts';

const STATS_EVERY_MS = 1_000;
const viewerRoot = fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? '../../out/viewer' : '../viewer', import.meta.url));

const parent = connectParent<FromServer, ToServer>();
if (parent) serveParent(parent);
else await serveByHand();

function serveParent({ send, onMessage, onGone }: NonNullable<typeof parent>): void {
  let server: Promise<LiveServer> | null = null;
  const start = async (message: Extract<ToServer, { type: 'start' }>) => {
    server = createLiveServer(message.options, {
      viewerRoot,
      onIdrWanted: (stream) => send({ type: 'idr-wanted', stream }),
      onIncident: (failure) => send({ type: 'incident', ...toFailure(failure) }),
      ladder: { services: ownServices() },
    });
    const live = await server;
    send({ type: 'ready', rtmpUrl: live.rtmpUrl, httpUrl: live.httpUrl, pid: process.pid });
    setInterval(() => send({ type: 'stats', streams: live.stats(), figures: live.figures() }), STATS_EVERY_MS);
  };
  const stop = async () => end((await server?.catch(() => null)) ?? null);
  onMessage((message) => {
    const fail = (error: unknown) => send({ type: 'failed', ...toFailure(error) });
    if (message.type === 'start') start(message).catch(fail);
    else if (message.type === 'streams') server?.then((live) => live.setStreams(message.streams)).catch(fail);
    else if (message.type === 'ladder') server?.then((live) => live.setLadder(message.ladder)).catch(fail);
    else void stop();
  });
  onGone(() => void stop());
}

async function end(live: LiveServer | null): Promise<void> {
  try {
    await live?.close();
  } catch (error) {
    tell(error);
    process.kill(process.pid, 'SIGKILL'); // an exit would wait for the write that hangs
  }
  process.exit(0);
}

function tell(error: unknown): void {
  const { code, message } = toFailure(error);
  console.error(`${code}: ${message}`);
}

async function serveByHand(): Promise<void> {
  const options = parseCommandLine(process.argv.slice(2));
  if (typeof options === 'string') {
    console.error(options === '' ? USAGE : `${options}\n\n${USAGE}`);
    process.exit(options === '' ? 0 : 2);
  }
  const log = (line: string) => console.error(line);
  const live = await createLiveServer(options, { viewerRoot, onIdrWanted: null, log }).catch((error: unknown) => {
    tell(error);
    process.exit(1);
  });
  console.log(`publish to  ${[live.rtmpUrl, live.rtmpsUrl].filter(Boolean).join('  or  ')}`);
  for (const { name } of [...options.streams, ...(options.edges ?? [])]) {
    const play = [`${live.httpUrl}/live/${name}.flv`, `${live.httpUrl}/live/${name}/index.m3u8`, `${live.rtmpUrl}/${name}`];
    console.log(`watch at    ${live.httpUrl}/watch/${name}\nplay        ${play.join('  or  ')}`);
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void end(live));
}
