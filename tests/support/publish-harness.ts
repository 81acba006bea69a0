/** A publisher with a feed behind it, and everything it said. */
import { setTimeout as sleep } from 'node:timers/promises';
import { createPublisher } from '../../src-main/engine/publish/create-publisher.ts';
import type { ClockJump, CodecRefusal, Publisher, PublisherOptions } from '../../src-main/engine/publish/publisher.ts';
import type { PublisherTuning } from '../../src-main/engine/publish/tuning.ts';
import { monotonicClock } from '../../src-main/process/clock.ts';
import type { MediaPacket } from '../../src-main/process/packet.ts';
import { DestinationId, type PublisherState } from '../../src-shared/domain/index.ts';
import { type Clip, playClip } from './h264-feed.ts';

export const STREAM_KEY = 'live_1234_verySecretKey';

/** Short waits, so that a test of reconnects ends. */
export const QUICK: Partial<PublisherTuning> = { backoffFirstMs: 100, backoffMaxMs: 400, stallMs: 1_500, knockEveryMs: 100 };

export interface Rig {
  publisher: Publisher;
  states: PublisherState[];
  log: string[];
  clockJumps: ClockJump[];
  refusals: CodecRefusal[];
  idrRequests: () => number;
  /** Waits until the publisher is in a phase; fails with what it said instead. */
  until(phase: PublisherState['phase'], timeoutMs?: number): Promise<PublisherState>;
  /** Ends the feed and the publisher. @returns how long the goodbye took, in ms */
  stop(): Promise<number>;
}

export interface RigOptions {
  url: string;
  backupUrl?: string;
  streamKey?: string;
  takesEnhanced?: boolean;
  /** more pictures on the same connection, beside the clip's own */
  multitrack?: boolean;
  tuning?: Partial<PublisherTuning>;
  graceMs?: number;
  /** what becomes of a packet before the publisher gets it */
  warp?: (packet: MediaPacket) => MediaPacket;
}

export function startRig(
  clip: Clip,
  { url, backupUrl, streamKey = STREAM_KEY, takesEnhanced, multitrack, tuning = QUICK, graceMs, warp = (packet) => packet }: RigOptions,
): Rig {
  const clock = monotonicClock();
  const states: PublisherState[] = [];
  const log: string[] = [];
  const clockJumps: ClockJump[] = [];
  const refusals: CodecRefusal[] = [];
  let idrRequests = 0;
  const options: PublisherOptions = {
    target: {
      destinationId: DestinationId.parse('test'),
      url,
      backupUrl: backupUrl ?? null,
      streamKey,
      ...(takesEnhanced !== undefined && { takesEnhanced }),
    },
    clock,
    requestIdr: () => void (idrRequests += 1),
    onChange: (state) => states.push(state),
    onClockJump: (jump) => clockJumps.push(jump),
    onCodecRefused: (refusal) => refusals.push(refusal),
    ...(multitrack && { multitrack }),
    log: (line) => log.push(line),
    ...(graceMs === undefined ? {} : { graceMs }),
  };
  const publisher = createPublisher(options, tuning);
  publisher.setHeader(clip.video);
  publisher.setHeader(clip.audio);
  publisher.start();
  const endFeed = playClip(clip, clock, (packet) => publisher.write(warp(packet)));
  return {
    publisher,
    states,
    log,
    clockJumps,
    refusals,
    idrRequests: () => idrRequests,
    until: async (phase, timeoutMs = 8_000) => {
      await waitFor(() => publisher.state.phase === phase, `${phase}; it is ${JSON.stringify(publisher.state)}`, timeoutMs);
      return publisher.state;
    },
    stop: async () => {
      endFeed();
      const startMs = performance.now();
      await publisher.stop();
      return performance.now() - startMs;
    },
  };
}

export async function waitFor(isDone: () => boolean, what: string, timeoutMs = 8_000): Promise<void> {
  for (const untilMs = performance.now() + timeoutMs; !isDone(); await sleep(10)) {
    if (performance.now() > untilMs) throw new Error(`waited ${timeoutMs} ms for ${what}`);
  }
}
