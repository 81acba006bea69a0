/** What the engine's tests share: a small, quick show and a viewer that keeps what it gets. */
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { DEFAULT_PROFILE, type Profile } from '../../src-shared/domain/index.ts';
import type { Client } from '../../src-shared/ipc/rpc.ts';

export const SMALL = { widthPx: 320, heightPx: 180 } as const;

/** 320×180 at 30 fps with an IDR a second: light enough for any machine. */
export function smallProfile(changes: { video?: Partial<Profile['video']>; recording?: Partial<Profile['recording']> } = {}): Profile {
  const video = {
    ...DEFAULT_PROFILE.video,
    ...SMALL,
    bitrateKbps: 600,
    preset: 'ultrafast' as const,
    keyframeIntervalS: 1,
    ...changes.video,
  };
  return { ...DEFAULT_PROFILE, video, recording: { ...DEFAULT_PROFILE.recording, bitrateKbps: 1_200, ...changes.recording } };
}

/** Watches the rehearsal over HTTP-FLV, as the viewer page does, and writes what comes to a file. */
export class FlvViewer {
  readonly #abort = new AbortController();
  readonly #done: Promise<void>;
  /** longest time without a byte, once the first had come */
  longestSilenceMs = 0;
  bytes = 0;
  /** the server ended the stream before we did */
  endedByServer = false;
  #lastMs = 0;

  private constructor(response: Response, file: string) {
    const body = Readable.fromWeb(response.body as never);
    body.on('data', (chunk: Uint8Array) => this.#count(chunk.byteLength));
    this.#done = pipeline(body, createWriteStream(file)).then(
      () => void (this.endedByServer = !this.#abort.signal.aborted),
      () => void (this.endedByServer = !this.#abort.signal.aborted),
    );
    this.#abort.signal.addEventListener('abort', () => body.destroy());
  }

  static async watch(client: Client, file: string): Promise<FlvViewer> {
    const { viewerUrl } = await client.invoke('studio.info');
    const response = await fetch(`${viewerUrl}/live/rehearsal.flv`);
    if (!response.ok) throw new Error(`the live server answers ${response.status}`);
    return new FlvViewer(response, file);
  }

  async close(): Promise<void> {
    this.#abort.abort();
    await this.#done;
  }

  #count(bytes: number): void {
    const nowMs = performance.now();
    if (this.bytes > 0) this.longestSilenceMs = Math.max(this.longestSilenceMs, nowMs - this.#lastMs);
    this.#lastMs = nowMs;
    this.bytes += bytes;
  }
}

export const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

export async function publisherOf(client: Client, destinationId: string) {
  return (await client.invoke('stats.get')).publishers.find((status) => status.destinationId === destinationId);
}
