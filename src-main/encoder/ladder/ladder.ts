/** Decodes once, encodes many: all that the ladder process does, one message after the other. */
import type { Frame } from 'node-av/lib';
import type { VideoEncoderName } from '../../../src-shared/domain/video-encoder.ts';
import { toFailure } from '../../../src-shared/errors.ts';
import type { FromLadder, LadderPicture, LadderSource, ToLadder } from '../../process/ladder-contract.ts';
import { Decoder } from './decoder.ts';
import { type PictureTimes, RungEncoder } from './rung.ts';

/** a decoder that has not given a picture back by then never will */
const UNDER_WAY_MAX = 100;

export class LadderWork {
  readonly #send: (message: FromLadder) => void;
  readonly #rungs = new Map<string, RungEncoder>();
  #decoder: Decoder | null = null;
  /** presentation times of the source's IDRs, and how far their decoding times lie before them */
  readonly #keys = new Map<number, number>();
  #compositionMs = 0;
  #lastDtsMs = Number.NEGATIVE_INFINITY;
  #work: Promise<void> = Promise.resolve();

  constructor(send: (message: FromLadder) => void) {
    this.#send = send;
  }

  /** Native calls must not overlap: each message waits for those before it. */
  receive(message: ToLadder): Promise<void> {
    this.#work = this.#work.then(() => this.#do(message));
    return this.#work;
  }

  async #do(message: ToLadder): Promise<void> {
    switch (message.type) {
      case 'source':
        return this.#begin(message.source, message.encoder);
      case 'open':
        return this.#attempt(message.rung, () => this.#open(message));
      case 'close':
        return this.#close(message.rung);
      case 'idr':
        return this.#rungs.get(message.rung)?.wantIdr();
      case 'picture':
        return this.#take(message.picture);
      case 'stop':
        for (const rung of this.#rungs.keys()) await this.#close(rung);
        this.#decoder?.close();
        this.#decoder = null;
    }
  }

  async #begin(source: LadderSource, encoder: VideoEncoderName): Promise<void> {
    this.#decoder?.close();
    this.#decoder = null;
    this.#keys.clear();
    this.#lastDtsMs = Number.NEGATIVE_INFINITY;
    await this.#attempt(null, async () => {
      this.#decoder = await Decoder.open(source, encoder);
    });
  }

  async #open({ rung, video, fromMs, encoders }: Extract<ToLadder, { type: 'open' }>): Promise<void> {
    await this.#close(rung);
    const encoder = await RungEncoder.open({ video, fromMs }, encoders, {
      header: (config, encoder) => this.#send({ type: 'header', rung, config, encoder }),
      picture: (picture, aligned) => this.#send({ type: 'picture', rung, picture, aligned }),
      encoderFailed: (encoder, message) => this.#send({ type: 'encoder-failed', encoder, message }),
    });
    this.#rungs.set(rung, encoder);
  }

  async #close(name: string): Promise<void> {
    const rung = this.#rungs.get(name);
    this.#rungs.delete(name);
    await rung?.close();
  }

  async #take(picture: LadderPicture): Promise<void> {
    if (picture.key) this.#noteKey(picture);
    const frames = (await this.#decoder?.decode(picture)) ?? [];
    for (const frame of frames) {
      await this.#encode(frame);
      frame.free();
    }
    this.#send({ type: 'taken' });
  }

  #noteKey({ ptsMs, dtsMs }: LadderPicture): void {
    this.#keys.set(ptsMs, ptsMs - dtsMs);
    for (const key of [...this.#keys.keys()].slice(0, -UNDER_WAY_MAX)) this.#keys.delete(key);
  }

  async #encode(frame: Frame): Promise<void> {
    const times = this.#timesOf(frame);
    await Promise.all([...this.#rungs].map(([name, rung]) => this.#attempt(name, () => rung.encode(frame, times))));
  }

  /** Rungs have no B-frames, but the source's decoding times at its IDRs: so segments begin and last alike in all of them. */
  #timesOf(frame: Frame): PictureTimes {
    const ptsMs = Number(frame.pts);
    const compositionMs = this.#keys.get(ptsMs);
    this.#keys.delete(ptsMs);
    this.#compositionMs = compositionMs ?? this.#compositionMs;
    const dtsMs = Math.max(ptsMs - this.#compositionMs, this.#lastDtsMs + 1);
    this.#lastDtsMs = dtsMs;
    return { ptsMs, dtsMs, aligned: compositionMs !== undefined };
  }

  /** @param rung null: what fails costs all of them */
  async #attempt(rung: string | null, run: () => Promise<void>): Promise<void> {
    try {
      await run();
    } catch (error) {
      this.#send({ type: 'failed', rung, ...toFailure(error) });
      if (rung !== null) await this.#close(rung).catch(() => {});
    }
  }
}
