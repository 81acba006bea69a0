/** The browser host: the studio for any Chromium browser, under plain Node. Also the test bench. */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { toFailure } from '../../src-shared/errors.ts';
import { createEngine } from '../engine/create-engine.ts';
import { nameCrash, outliveMistakes } from '../process/mistakes.ts';
import { NETWORK_BACK } from '../process/parent-lines.ts';
import { NodeServiceHost } from '../process/service.ts';
import { CLUSTER_USAGE, parseClusterArguments, writeCluster } from './cluster-config/command.ts';
import { openBrowser } from './open-browser.ts';
import { DEFAULT_PORT, type HeadlessOptions, parseCommandLine, USAGE } from './options.ts';
import { WebServer } from './web-server.ts';

nameCrash('engine');
const fromSources = import.meta.url.endsWith('.ts');

async function serve(options: HeadlessOptions): Promise<void> {
  const token = randomBytes(24).toString('base64url');
  const log = pino({ level: options.logLevel }, pino.destination({ fd: 2, sync: true }));
  const rendererDirectory = fileURLToPath(new URL(fromSources ? '../../out/renderer' : '../renderer', import.meta.url));
  const web = await WebServer.listen({
    port: options.port,
    usualPort: DEFAULT_PORT,
    rendererDirectory,
    token,
    extraOrigins: options.allowOrigins,
  });
  const engine = await createEngine({
    dataDirectory: options.dataDirectory,
    services: new NodeServiceHost(),
    host: 'browser',
    version: readVersion(),
    media: 'webSocket',
    allowedOrigins: web.origins,
    log,
    serverPorts: { rtmp: options.rtmpPort, http: options.viewerPort },
  }).catch(async (error: unknown) => {
    await web.close();
    throw error;
  });
  outliveMistakes((error) => engine.noteMistake(error));
  web.serve(engine);
  if (options.endWithStdin)
    createInterface({ input: process.stdin }).on('line', (line) => void (line === NETWORK_BACK && engine.networkBack()));
  stopWhenAsked(options.endWithStdin, async () => {
    await engine.dispose();
    await web.close();
  });

  const url = `${web.origin}/#token=${token}`;
  if (options.jsonReady) console.log(JSON.stringify({ ready: true, origin: web.origin, url, token, pid: process.pid }));
  else console.log(`Tidecast is ready. Open this address in a Chromium browser on this machine:\n\n  ${url}\n\nCtrl+C ends it.`);
  if (options.open) openBrowser(url, options.dataDirectory);
}

function stopWhenAsked(withStdin: boolean, stop: () => Promise<void>): void {
  let stopping = false;
  const end = () => {
    if (stopping) process.exit(1); // asked twice: the user does not want to wait
    stopping = true;
    void stop().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(toFailure(error).message);
        process.exit(1);
      },
    );
  };
  process.on('SIGINT', end);
  process.on('SIGTERM', end);
  process.on('SIGHUP', end);
  if (withStdin) process.stdin.once('close', () => void (stopping || end())).resume();
}

function readVersion(): string {
  const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string };
  return manifest.version;
}

function configureCluster(args: string[]): void {
  const request = parseClusterArguments(args);
  if (request === '') return void console.log(CLUSTER_USAGE);
  if (typeof request === 'string') {
    console.error(`${request}\n\n${CLUSTER_USAGE}`);
    process.exit(2);
  }
  try {
    console.log(writeCluster(request));
  } catch (error) {
    console.error(`The configurations cannot be written: ${(error as Error).message}. Choose another folder with --out.`);
    process.exit(1);
  }
}

async function main(): Promise<void> {
  if (process.argv[2] === 'cluster-config') return configureCluster(process.argv.slice(3));
  let options: HeadlessOptions;
  try {
    options = parseCommandLine(process.argv.slice(2));
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${USAGE}`);
    process.exit(2);
  }
  if (options.help) return void console.log(USAGE);
  try {
    await serve(options);
  } catch (error) {
    console.error(toFailure(error).message);
    process.exit(1);
  }
}

await main();
