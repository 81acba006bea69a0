/**
 * A real media client without a browser: plays the renderer's part for tests and for headless use. It connects to the
 * encoder's listener with tokens, maps its clock by a ping, and sends a test card with the tick strip, and a tone.
 */
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { encodeAudio, MEDIA_CREDITS, MEDIA_HEADER_BYTES, MediaReply, writeVideoHeader } from '../../src-shared/ipc/media.ts';
import { drawTickStrip } from '../../src-shared/tick-strip.ts';
import { AUDIO_SAMPLE_RATE_HZ, i420Bytes, tickToUs, usToTick } from '../../src-shared/units.ts';

const BLOCK_SAMPLES = 480;

export interface FeederOptions {
  /** the encoder's mediaUrl */
  url: string;
  origin: string;
  /** a fresh one-time token for each connection */
  token: (role: 'video' | 'audio') => Promise<string> | string;
  widthPx: number;
  heightPx: number;
  frameRate: number;
  /** draws over the test card, below the strip; `planes` is I420 and still holds the picture before */
  draw?: (planes: Uint8Array, tick: number) => void;
  /** @returns false for ticks to leave out */
  sends?: (tick: number) => boolean;
  /** null sends no sound */
  toneHz?: number | null;
  /** the fault of a sound card's clock */
  driftPpm?: number;
}

export class MediaFeeder {
  readonly sent = { ticks: [] as number[], skipped: 0, acks: 0, blocks: 0 };
  readonly #options: FeederOptions;
  readonly #video: WebSocket;
  readonly #audio: WebSocket | null;
  readonly #message: Uint8Array;
  /** engine time of performance.now() === 0 */
  #originUs = 0;
  #credits = MEDIA_CREDITS;
  #tick = 0;
  #audioStartUs = 0;
  #sample = 0;
  #timers: NodeJS.Timeout[] = [];
  #running = false;

  private constructor(options: FeederOptions, video: WebSocket, audio: WebSocket | null) {
    this.#options = options;
    this.#video = video;
    this.#audio = audio;
    this.#message = new Uint8Array(MEDIA_HEADER_BYTES + i420Bytes(options.widthPx, options.heightPx));
    paintTestCard(this.#planes, options.widthPx, options.heightPx);
    video.on('message', (data) => this.#onReply(MediaReply.parse(JSON.parse(String(data)))));
    for (const socket of [video, audio]) socket?.on('error', () => {}); // the encoder may die in mid-send
  }

  /** Resolves once both connections are welcome and the clock is mapped. */
  static async connect(options: FeederOptions): Promise<MediaFeeder> {
    const video = await openMediaSocket(options, 'video');
    const audio = options.toneHz === null ? null : await openMediaSocket(options, 'audio');
    const feeder = new MediaFeeder(options, video, audio);
    await feeder.#mapClock(audio ?? video);
    return feeder;
  }

  get #planes(): Uint8Array {
    return this.#message.subarray(MEDIA_HEADER_BYTES);
  }

  /** Engine time now, as this client knows it. */
  nowUs(): number {
    return this.#originUs + performance.now() * 1_000;
  }

  start(): void {
    this.#running = true;
    this.#tick = usToTick(this.nowUs(), this.#options.frameRate) + 1;
    this.#audioStartUs = this.nowUs();
    this.#sample = 0;
    this.#nextPicture();
    if (this.#audio) this.#nextBlocks();
  }

  /** Whether a tick's picture was to be sent: between the first and the last that were, and not one that the test leaves out. */
  owes(tick: number): boolean {
    const { ticks } = this.sent;
    return tick >= (ticks[0] ?? Number.POSITIVE_INFINITY) && tick <= (ticks.at(-1) ?? 0) && this.#options.sends?.(tick) !== false;
  }

  stop(): void {
    this.#running = false;
    for (const timer of this.#timers.splice(0)) clearTimeout(timer);
  }

  /** Sends one picture now, whatever the time and the credits. */
  sendPicture(tick: number): void {
    const { widthPx, heightPx, draw } = this.#options;
    const planes = this.#planes;
    draw?.(planes, tick);
    drawTickStrip(planes, widthPx, widthPx, tick);
    writeVideoHeader(this.#message, { widthPx, heightPx, tick, captureTimeUs: this.nowUs() });
    this.#video.send(this.#message); // ws copies what it masks, so the message can be used again
    this.sent.ticks.push(tick);
    this.#credits--;
  }

  async close(): Promise<void> {
    this.stop();
    for (const socket of [this.#video, this.#audio]) {
      if (!socket || socket.readyState === WebSocket.CLOSED) continue;
      socket.close();
      await once(socket, 'close');
    }
  }

  #nextPicture(): void {
    const { frameRate, sends } = this.#options;
    const waitMs = (tickToUs(this.#tick, frameRate) - this.nowUs()) / 1_000;
    this.#timers[0] = setTimeout(
      () => {
        if (!this.#running) return;
        if (sends?.(this.#tick) !== false) {
          if (this.#credits > 0) this.sendPicture(this.#tick);
          else this.sent.skipped++;
        }
        this.#tick = Math.max(this.#tick + 1, usToTick(this.nowUs(), frameRate));
        this.#nextPicture();
      },
      Math.max(0, waitMs),
    );
  }

  #nextBlocks(): void {
    const { toneHz, driftPpm = 0 } = this.#options;
    const rateHz = AUDIO_SAMPLE_RATE_HZ * (1 + driftPpm / 1e6);
    const timeOf = (sample: number) => this.#audioStartUs + (sample * 1e6) / rateHz;
    while (timeOf(this.#sample + BLOCK_SAMPLES) <= this.nowUs()) {
      const samples = new Float32Array(BLOCK_SAMPLES * 2);
      for (let n = 0; n < BLOCK_SAMPLES; n++) {
        samples[n * 2] = 0.25 * Math.sin(2 * Math.PI * (toneHz ?? 440) * ((this.#sample + n) / rateHz));
        samples[n * 2 + 1] = samples[n * 2]!;
      }
      this.#audio?.send(encodeAudio({ sampleIndex: this.#sample, captureTimeUs: timeOf(this.#sample), samples }));
      this.#sample += BLOCK_SAMPLES;
      this.sent.blocks++;
    }
    this.#timers[1] = setTimeout(() => this.#running && this.#nextBlocks(), 10);
  }

  #onReply(reply: MediaReply): void {
    if (reply.type !== 'ack') return;
    this.#credits++;
    this.sent.acks++;
  }

  /** The quickest of a few pings is the truest. */
  async #mapClock(socket: WebSocket): Promise<void> {
    let quickestMs = Number.POSITIVE_INFINITY;
    for (let n = 0; n < 5; n++) {
      const sentAtMs = performance.now();
      socket.send(JSON.stringify({ type: 'ping', sentAtMs }));
      const pong = await nextReply(socket, 'pong');
      const tookMs = performance.now() - sentAtMs;
      if (pong.type !== 'pong' || tookMs >= quickestMs) continue;
      quickestMs = tookMs;
      this.#originUs = pong.timeUs - (sentAtMs + tookMs / 2) * 1_000;
    }
  }
}

/** Connects and says hello. @throws when the encoder does not welcome it */
export async function openMediaSocket(
  options: Pick<FeederOptions, 'url' | 'origin' | 'token'>,
  role: 'video' | 'audio',
): Promise<WebSocket> {
  const token = await options.token(role);
  const socket = new WebSocket(options.url, { origin: options.origin, perMessageDeflate: false });
  await once(socket, 'open');
  socket.send(JSON.stringify({ type: 'hello', version: 1, token, role }));
  const reply = await nextReply(socket, 'welcome', 'refused');
  if (reply.type !== 'welcome') throw new Error(`refused: ${JSON.stringify(reply)}`);
  return socket;
}

function nextReply(socket: WebSocket, ...types: MediaReply['type'][]): Promise<MediaReply> {
  return new Promise((resolve, reject) => {
    const onMessage = (data: unknown) => {
      const reply = MediaReply.parse(JSON.parse(String(data)));
      if (!types.includes(reply.type)) return;
      socket.off('message', onMessage).off('close', onClose);
      resolve(reply);
    };
    const onClose = (code: number) => reject(new Error(`closed with ${code}`));
    socket.on('message', onMessage).once('close', onClose);
  });
}

/** Colour bars over a luma ramp: detail enough that an encoder has work, the same on every machine. */
export function paintTestCard(planes: Uint8Array, widthPx: number, heightPx: number): void {
  const lumaBytes = widthPx * heightPx;
  for (let y = 0; y < heightPx; y++) {
    for (let x = 0; x < widthPx; x++) planes[y * widthPx + x] = 40 + ((x * 3 + y * 5 + ((x * y) >> 5)) % 170);
  }
  const bars = Math.max(1, Math.floor(widthPx / 16));
  for (let y = 0; y < heightPx / 2; y++) {
    for (let x = 0; x < widthPx / 2; x++) {
      const bar = Math.floor((x / bars) % 8);
      const at = y * (widthPx / 2) + x;
      planes[lumaBytes + at] = 96 + bar * 8;
      planes[lumaBytes + lumaBytes / 4 + at] = 160 - bar * 8;
    }
  }
  const stripRows = 8; // of chroma: the strip is grey
  planes.fill(128, lumaBytes, lumaBytes + (stripRows * widthPx) / 2);
  planes.fill(128, (lumaBytes * 5) / 4, (lumaBytes * 5) / 4 + (stripRows * widthPx) / 2);
}
