/** A real encoder process under a test, with everything it says kept. */

import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import type { FromEncoder, ToEncoder } from '../../src-main/process/encoder-contract.ts';
import type { AudioPacket, MediaHeader, VideoHeader, VideoPacket } from '../../src-main/process/packet.ts';
import { NodeServiceHost, type Service } from '../../src-main/process/service.ts';
import { avccToAnnexB, joinAnnexB, parseAvcConfig } from '../../src-main/wire/codec-config.ts';
import type { RenditionId } from '../../src-shared/domain/ids.ts';
import { AudioSettings, Rendition, VideoSettings } from '../../src-shared/domain/rendition.ts';
import type { MediaDemand } from '../../src-shared/ipc/contract.ts';
import { readTickStrip } from '../../src-shared/tick-strip.ts';
import { i420Bytes } from '../../src-shared/units.ts';
import { type FeederOptions, MediaFeeder } from './media-feeder.ts';

export const ORIGIN = 'http://127.0.0.1:5999';

export type Message<T extends FromEncoder['type']> = Extract<FromEncoder, { type: T }>;

export class EncoderUnderTest {
  readonly service: Service<ToEncoder, FromEncoder>;
  readonly messages: FromEncoder[] = [];
  readonly epochNs: bigint;
  exited: { code: number | null; signal: string | null } | null = null;
  mediaUrl = '';
  readonly #feeders: MediaFeeder[] = [];

  private constructor(epochNs: bigint, env: Record<string, string>) {
    this.epochNs = epochNs;
    this.service = new NodeServiceHost().start<ToEncoder, FromEncoder>('encoder', { env });
    this.service.onMessage((message) => void this.messages.push(message));
    this.service.onExit((how) => {
      this.exited = how;
    });
  }

  static async start(epochNs = process.hrtime.bigint(), origin = ORIGIN, env: Record<string, string> = {}): Promise<EncoderUnderTest> {
    const encoder = new EncoderUnderTest(epochNs, env);
    encoder.send({ type: 'start', epochNs, listen: { host: '127.0.0.1', allowedOrigins: [origin] } });
    encoder.mediaUrl = (await encoder.until('ready')).mediaUrl ?? '';
    return encoder;
  }

  send(message: ToEncoder): void {
    this.service.send(message);
  }

  demand(demand: MediaDemand | null): void {
    this.send({ type: 'demand', demand, audio: AudioSettings.parse({}) });
  }

  open(rendition: Rendition): void {
    this.send({ type: 'open', rendition });
  }

  token(validMs = 10_000): string {
    const token = randomUUID();
    this.send({ type: 'admit', token, validMs });
    return token;
  }

  async feed(options: Omit<FeederOptions, 'url' | 'origin' | 'token'>): Promise<MediaFeeder> {
    const feeder = await MediaFeeder.connect({ ...options, url: this.mediaUrl, origin: ORIGIN, token: () => this.token() });
    this.#feeders.push(feeder);
    return feeder;
  }

  /**
   * Whether somebody did not get the time to do his part: a tick stayed empty, or was filled although a picture was owed for
   * it. On an idle machine neither happens.
   */
  get wasLate(): boolean {
    const isFilled = ({ tick, repeated }: VideoPacket) => repeated && this.#feeders.some((feeder) => feeder.owes(tick));
    const filled = this.of('packet').some(({ packet }) => packet.kind === 'video' && isFilled(packet));
    return filled || (this.of('stats').at(-1)?.stats.framesLate ?? 0) > 0;
  }

  of<T extends FromEncoder['type']>(type: T): Message<T>[] {
    return this.messages.filter((message): message is Message<T> => message.type === type);
  }

  packets(renditionId: string): VideoPacket[] {
    return this.of('packet').flatMap(({ packet }) => (packet.kind === 'video' && packet.renditionId === renditionId ? [packet] : []));
  }

  sound(): AudioPacket[] {
    return this.of('packet').flatMap(({ packet }) => (packet.kind === 'audio' ? [packet] : []));
  }

  headers(renditionId: string): VideoHeader[] {
    return this.of('header').flatMap(({ header }: { header: MediaHeader }) =>
      header.kind === 'video' && header.renditionId === renditionId ? [header] : [],
    );
  }

  /** Waits for a message that fits; those that came before count too unless `from` leaves them out. */
  async until<T extends FromEncoder['type']>(type: T, fits: (message: Message<T>) => boolean = () => true, from = 0): Promise<Message<T>> {
    const find = () =>
      this.messages.slice(from).find((message): message is Message<T> => message.type === type && fits(message as Message<T>));
    await eventually(() => find() !== undefined || this.exited !== null, `message ${type}`);
    const found = find();
    if (!found) throw new Error(`the encoder ended (${JSON.stringify(this.exited)}) before it said ${type}`);
    return found;
  }

  async untilPackets(renditionId: string, count: number): Promise<VideoPacket[]> {
    await eventually(
      () => this.packets(renditionId).length >= count,
      `${count} packets of ${renditionId}; ${JSON.stringify(this.of('failed'))}`,
    );
    return this.packets(renditionId);
  }

  async stop(): Promise<void> {
    this.send({ type: 'stop' });
    await eventually(() => this.exited !== null, 'the exit');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.exited) this.service.kill('SIGKILL');
    await eventually(() => this.exited !== null, 'the exit');
  }
}

/**
 * For what holds on a machine with time for it: where it does not hold and somebody was late, it is tried again, twice at the
 * most. What is wrong with the encoder itself stays wrong.
 */
export async function inTime(scenario: (encoder: EncoderUnderTest) => Promise<void>, env: Record<string, string> = {}): Promise<void> {
  for (let triesLeft = 2; ; triesLeft -= 1) {
    await using encoder = await EncoderUnderTest.start(process.hrtime.bigint(), ORIGIN, env);
    try {
      return await scenario(encoder);
    } catch (error) {
      if (triesLeft === 0 || !encoder.wasLate) throw error;
    }
  }
}

/** `video` fills in what a test does not care about: small and quick. */
export function rendition(id: string, video: Partial<VideoSettings> = {}): Rendition {
  const settings = { widthPx: 320, heightPx: 180, frameRate: 30, bitrateKbps: 600, preset: 'ultrafast', ...video };
  return Rendition.parse({ id, video: VideoSettings.parse(settings) });
}

export const id = (text: string) => text as RenditionId;

export async function eventually(holds: () => boolean, what: string, withinMs = 20_000): Promise<void> {
  const untilMs = performance.now() + withinMs;
  while (!holds()) {
    if (performance.now() > untilMs) throw new Error(`waited ${withinMs} ms in vain for ${what}`);
    await sleep(10);
  }
}

export const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

export interface DecodedPicture {
  tick: number | null;
  luma: Uint8Array;
}

/** Decodes packets with the ffmpeg command line and reads the strip of every picture, in presentation order. */
export async function decode(header: VideoHeader, packets: VideoPacket[], scale = 1): Promise<DecodedPicture[]> {
  const { sps, pps } = parseAvcConfig(header.config);
  const ffmpeg = spawn('ffmpeg', [
    '-v',
    'error',
    '-f',
    'h264',
    '-i',
    'pipe:0',
    '-fps_mode',
    'passthrough',
    '-f',
    'rawvideo',
    '-pix_fmt',
    'yuv420p',
    'pipe:1',
  ]);
  const chunks: Buffer[] = [];
  let complaints = '';
  ffmpeg.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  ffmpeg.stderr.on('data', (chunk: Buffer) => (complaints += chunk));
  const ended = new Promise((resolve) => ffmpeg.on('close', resolve));
  ffmpeg.stdin.write(joinAnnexB([...sps, ...pps]));
  for (const { data } of packets) ffmpeg.stdin.write(avccToAnnexB(data));
  ffmpeg.stdin.end();
  await ended;
  if (complaints) throw new Error(`ffmpeg: ${complaints}`);
  const raw = Buffer.concat(chunks);
  const pictureBytes = i420Bytes(header.widthPx, header.heightPx);
  return Array.from({ length: raw.length / pictureBytes }, (_, n) => {
    const luma = raw.subarray(n * pictureBytes, n * pictureBytes + header.widthPx * header.heightPx);
    return { tick: readTickStrip(luma, header.widthPx, header.widthPx, scale), luma };
  });
}
