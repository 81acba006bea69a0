/**
 * The engine as a service of the Electron shell. Beside the messages of ../process/parent-services.ts:
 *
 *   shell → engine  { type: 'engine.start', options }           first; options without functions
 *   engine → shell  { type: 'engine.ready' } or { type: 'engine.failed', code, message }
 *   shell → engine  port labelled 'renderer'                    a window: calls and events
 *   shell → engine  { type: 'engine.asset', requestId, id }     for assets/<id> of the window's origin
 *   engine → shell  { type: 'engine.asset', requestId, asset }  { bytes, mimeType } or null
 *   shell → engine  { type: 'engine.networkBack' }              the system has woken up
 *   shell → engine  { type: 'engine.stop' }                     shows and recordings end in order; then the process does
 */
import { pino } from 'pino';
import { type Failure, toFailure } from '../../src-shared/errors.ts';
import { nameCrash, outliveMistakes } from '../process/mistakes.ts';
import { connectParent } from '../process/parent.ts';
import { ParentServiceHost, type ServiceNotice, type ServiceRequest } from '../process/parent-services.ts';
import { createEngine, type Engine, type EngineOptions } from './create-engine.ts';

export type ToEngine =
  | { type: 'engine.start'; options: Pick<EngineOptions, 'dataDirectory' | 'version' | 'media' | 'allowedOrigins'> & { logLevel: string } }
  | { type: 'engine.asset'; requestId: number; id: string }
  | { type: 'engine.networkBack' }
  | { type: 'engine.stop' }
  | ServiceNotice;

export type FromEngine =
  | { type: 'engine.ready' }
  | ({ type: 'engine.failed' } & Failure)
  | { type: 'engine.asset'; requestId: number; asset: { bytes: Uint8Array; mimeType: string } | null }
  | ServiceRequest;

nameCrash('engine');
const parent = connectParent<FromEngine, ToEngine>();
if (!parent) {
  console.error('The engine is started by the desktop application. From a command line, start the browser host: src-main/headless/main.ts');
  process.exit(2);
}

const services = new ParentServiceHost(parent);
let engine: Promise<Engine> | null = null;

parent.onPort((label, channel) => {
  if (services.port(label, channel)) return;
  if (label === 'renderer') void engine?.then((running) => running.attach(channel)).catch(() => channel.close());
});

parent.onMessage((message) => {
  switch (message.type) {
    case 'engine.start':
      return void start(message.options);
    case 'engine.asset':
      return void sendAsset(message.requestId, message.id);
    case 'engine.networkBack':
      return void engine?.then((running) => running.networkBack()).catch(() => {}); // one that did not start has said so
    case 'engine.stop':
      return void stop();
    default:
      return services.notice(message);
  }
});

async function start({ logLevel, ...options }: Extract<ToEngine, { type: 'engine.start' }>['options']): Promise<void> {
  engine = createEngine({
    ...options,
    services,
    host: 'electron',
    log: pino({ level: logLevel }, pino.destination({ fd: 2, sync: true })),
  });
  await engine.then(
    (running) => {
      outliveMistakes((error) => running.noteMistake(error));
      parent?.send({ type: 'engine.ready' });
    },
    (error: unknown) => parent?.send({ type: 'engine.failed', ...toFailure(error) }),
  );
}

async function sendAsset(requestId: number, id: string): Promise<void> {
  const asset = (await engine?.then((running) => running.readAsset(id)).catch(() => null)) ?? null;
  parent?.send({ type: 'engine.asset', requestId, asset });
}

async function stop(): Promise<void> {
  await engine?.then((running) => running.dispose()).catch(() => {});
  process.exit(0);
}
