/**
 * One show over one link on real sockets and in real time: what `simulate` (../sim) does in no time, judged the same
 * (../judge.ts). One show by hand: `node tests/lab/net/run.ts step` (run.ts has the options).
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Destination } from '../../../src-shared/domain/index.ts';
import type { Show } from '../judge.ts';
import type { LabLink } from '../links.ts';
import { OTHER_KBPS } from '../sim/encoder.ts';
import { openLab } from './open-lab.ts';
import type { EncodedTrail, StatusSample } from './protocol.ts';
import { profileAt, streamOf } from './scenarios.ts';
import { deliveries } from './trails.ts';

export interface PlayOptions {
  link: LabLink;
  ceilingKbps: number;
  /** of the one destination: a fixed rate, say */
  settings?: Partial<Destination>;
  /** all of the link's trace unless said otherwise */
  durationMs?: number;
}

/** On a link without a limit, until encoder and connection are as in the middle of a show. */
const WARM_UP_MS = 4_000;
/** what waits at the end may still arrive */
const DRAIN_MS = 4_000;
const CHUNK_BYTES = 4_096;
const MESSAGE_HEADER_BYTES = 12;
const TAG_BYTES = { video: 5, audio: 2 };

/** @throws when the machine did not keep up: then its encoder would be judged, and not the network */
export async function playShow({ link, ceilingKbps, settings = {}, durationMs = link.durationMs }: PlayOptions): Promise<Show> {
  await using lab = await openLab([{ delayMs: link.delayMs, bufferBytes: link.bufferBytes, lossPct: 0 }]);
  const receiver = await lab.receiver();
  const show = await lab.show(profileAt(ceilingKbps), [{ url: receiver.url, settings }]);
  await show.invoke('session.start');
  await sleep(WARM_UP_MS);
  const startMs = (await lab.links[0]?.follow(link.trace)) ?? 0;
  await sleep(durationMs + DRAIN_MS);
  const [{ encoded, samples }, { media }] = await Promise.all([show.log(), receiver.log()]);
  await show.invoke('session.stop');

  const during = ({ atMs }: { atMs: number }) => atMs >= startMs && atMs < startMs + durationMs;
  const found = deliveries(streamOf(encoded), media).filter((delivery) => during(delivery.encoded));
  checkPace(
    found.map((delivery) => delivery.encoded),
    durationMs,
  );
  return {
    durationMs,
    deliveries: found.map(({ encoded: sent, received }) => ({
      kind: sent.kind,
      bytes: onWireBytes(sent),
      encodedMs: sent.atMs - startMs,
      arrivedMs: received && received.atMs - startMs,
    })),
    rates: samples.filter(during).flatMap((sample) => rateOf(sample, startMs)),
    ceilingKbps,
    otherKbps: OTHER_KBPS,
  };
}

function rateOf({ atMs, publishers: [publisher] }: StatusSample, startMs: number): Show['rates'] {
  return publisher ? [{ atMs: atMs - startMs, videoKbps: publisher.rate.targetKbps }] : [];
}

/** With FLV's tag and the chunks' headers, as the publisher sends it. */
function onWireBytes({ kind, bytes }: EncodedTrail): number {
  return bytes + TAG_BYTES[kind] + MESSAGE_HEADER_BYTES + Math.floor(bytes / CHUNK_BYTES);
}

/** Sound comes at a constant rate whatever the network does. */
function checkPace(sent: readonly EncodedTrail[], durationMs: number): void {
  const soundMs = sent.filter(({ kind }) => kind === 'audio').length * ((1_024 * 1_000) / 48_000);
  if (soundMs < 0.98 * durationMs) throw new Error(`the machine was too slow: ${soundMs.toFixed(0)} ms of sound in ${durationMs} ms`);
}
