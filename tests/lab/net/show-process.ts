/**
 * The near end of the lab: the product's whole engine, with its encoder process, rate control and publishers, in this
 * process's namespace. It notes when each packet leaves the encoder, and the publishers' figures ten times a second.
 */
import { MessageChannel } from 'node:worker_threads';
import { crc32 } from 'node:zlib';
import { createEngine, type Engine } from '../../../src-main/engine/create-engine.ts';
import type { Log } from '../../../src-main/engine/log.ts';
import type { FromEncoder } from '../../../src-main/process/encoder-contract.ts';
import type { MediaPacket } from '../../../src-main/process/packet.ts';
import { NodeServiceHost, type Service, type ServiceHost, type ServiceName } from '../../../src-main/process/service.ts';
import { Destination, REHEARSAL_ID } from '../../../src-shared/domain/index.ts';
import type { CallInput, CallName, MediaDemand } from '../../../src-shared/ipc/contract.ts';
import { messagePortChannel, type PortLike } from '../../../src-shared/ipc/message-port-channel.ts';
import { Client } from '../../../src-shared/ipc/rpc.ts';
import { US_PER_MS } from '../../../src-shared/units.ts';
import { liveHeapBytes } from '../../support/heap-growth.ts';
import { answerOrders } from './answering.ts';
import { LabProcess } from './lab-process.ts';
import type { FeedOptions, Resources, ShowLog, ShowOptions } from './protocol.ts';

const ORIGIN = 'http://127.0.0.1:5999';
const SAMPLE_EVERY_MS = 100;

const log: ShowLog = { encoded: [], samples: [] };
let engine: Engine | null = null;
let client: Client | null = null;
let feeder: LabProcess | null = null;
let feeding: Promise<unknown> = Promise.resolve();
let sampling: NodeJS.Timeout | undefined;
const warnings: string[] = [];
process.on('warning', ({ message }) => warnings.push(message));

answerOrders({
  start,
  call: ({ name, input }: { name: CallName; input: unknown }) => studio().invoke(name, input as CallInput<never>),
  log: () => log,
  resources,
  end: async () => {
    clearInterval(sampling);
    await engine?.dispose();
    await feeding;
    await feeder?.[Symbol.asyncDispose]();
  },
});

async function start({ dataDirectory, profile, destinations, congestionControl }: ShowOptions): Promise<void> {
  if (congestionControl !== null) (await import('./pin-congestion.ts')).pinCongestionControl(congestionControl); // koffi: Linux only
  engine = await createEngine({
    dataDirectory,
    services: new ListeningHost(),
    host: 'browser',
    version: '0.0.0-lab',
    media: 'webSocket',
    allowedOrigins: [ORIGIN],
    log: stderrLog(),
    serverPorts: { rtmp: 0, http: 0 },
  });
  const { port1, port2 } = new MessageChannel();
  engine.attach(messagePortChannel(port1 as unknown as PortLike));
  client = new Client(messagePortChannel(port2 as unknown as PortLike));
  feedOnDemand(client);
  await client.invoke('profile.save', profile);
  await client.invoke('profile.activate', { id: profile.id });
  const rehearsal = { id: REHEARSAL_ID, name: 'Local rehearsal', kind: 'rehearsal', url: '', enabled: false };
  await client.invoke('destination.save', { destination: Destination.parse(rehearsal) });
  for (const { destination, streamKey } of destinations) await client.invoke('destination.save', { destination, streamKey });
  sampling = setInterval(() => void sample(), SAMPLE_EVERY_MS);
}

function studio(): Client {
  if (!client) throw new Error('the show has not been started');
  return client;
}

async function sample(): Promise<void> {
  const { publishers } = await studio().invoke('stats.get');
  log.samples.push({ atMs: nowMs(), publishers });
}

/** Without the log, which is the lab's own and grows: it is forgotten. */
async function resources(): Promise<Resources> {
  log.encoded.length = 0;
  log.samples.length = 0;
  const count = (kind: string) => process.getActiveResourcesInfo().filter((name) => name === kind).length;
  const heapBytes = await liveHeapBytes();
  return { heapBytes, rssBytes: process.memoryUsage.rss(), sockets: count('TCPSocketWrap'), timers: count('Timeout'), warnings };
}

/** Starts an encoder like the product, and listens to what it says. */
class ListeningHost implements ServiceHost {
  readonly #host = new NodeServiceHost();

  start<Out, In>(name: ServiceName, options?: { args?: string[]; env?: Record<string, string> }): Service<Out, In> {
    const service = this.#host.start<Out, In>(name, options);
    if (name === 'encoder') service.onMessage((message) => note(message as FromEncoder));
    return service;
  }
}

function note(message: FromEncoder): void {
  if (message.type !== 'packet') return;
  const { packet } = message;
  log.encoded.push({ atMs: nowMs(), bytes: packet.data.length, crc: crc32(packet.data), ...identity(packet) });
}

function identity(packet: MediaPacket): { kind: 'video' | 'audio'; key: boolean; dtsMs: number; renditionId: string | null } {
  if (packet.kind === 'audio') return { kind: 'audio', key: false, dtsMs: packet.ptsUs / US_PER_MS, renditionId: null };
  return { kind: 'video', key: packet.key, dtsMs: packet.dtsUs / US_PER_MS, renditionId: packet.renditionId };
}

function feedOnDemand(studio: Client): void {
  let demand: MediaDemand | null = null;
  const change = () => {
    feeding = feeding.then(() => feed(studio, demand)).catch((error: unknown) => console.error(`feeder: ${String(error)}`));
  };
  studio.on('media.demand', (wanted) => {
    demand = wanted;
    change();
  });
  studio.on('media.reopen', change);
}

async function feed(studio: Client, demand: MediaDemand | null): Promise<void> {
  feeder ??= new LabProcess('feeder-process', null);
  if (!demand) return feeder.ask('stop');
  const endpoints = [await studio.invoke('media.open'), await studio.invoke('media.open')];
  const tokens = endpoints.map((endpoint) => (endpoint.kind === 'webSocket' ? endpoint.token : ''));
  const url = endpoints[0]?.kind === 'webSocket' ? endpoints[0].url : '';
  const options: FeedOptions = { ...demand, url, origin: ORIGIN, tokens };
  await feeder.ask('feed', options);
}

function stderrLog(): Log {
  const isWanted = process.env['TIDECAST_LAB_LOG'] === '1';
  const line = (level: string) => (text: string) => void (isWanted && console.error(`${nowMs().toFixed(0)} ${level} ${text}`));
  return { error: line('error'), warn: line('warn'), info: line('info'), debug: line('debug') };
}

function nowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
