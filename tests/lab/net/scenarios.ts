/** What issues ask of a show on a bad network, as short or as long as a test wants it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { traceOfRate } from '../../../src-main/engine/link/trace.ts';
import { DEFAULT_PROFILE, type Destination, Profile } from '../../../src-shared/domain/index.ts';
import { probePackets } from '../../support/broadcast-analysis.ts';
import type { Lab, LabReceiver, LabShow } from './lab.ts';
import type { LinkDirection } from './link-queue.ts';
import { openLab } from './open-lab.ts';
import type { EncodedTrail, Resources } from './protocol.ts';
import { deliveries, longestStepMs, missedPictures } from './trails.ts';

/** an ordinary line: 20 ms each way, room for 200 ms at 6 Mbps */
export const ORDINARY: LinkDirection = { delayMs: 20, bufferBytes: 150_000, lossPct: 0 };
const LOOK_EVERY_MS = 200;

export const profileAt = (bitrateKbps: number, video: Partial<Profile['video']> = {}): Profile =>
  Profile.parse({ ...DEFAULT_PROFILE, video: { ...DEFAULT_PROFILE.video, bitrateKbps, ...video } });

/** never another rate than the profile's */
export const FIXED: Partial<Destination> = { rate: { mode: 'fixed', floorKbps: 300, ceilingKbps: null, allowSizeChange: false } };

export interface OutageFigures {
  lastedMs: number;
  /** from the link's return to the next picture, whenever it was taken */
  pictureAfterMs: number;
  /** to the first picture that was encoded since the return */
  freshAfterMs: number;
}

/** Cuts the link for so long and waits until pictures arrive again. @throws when none does within `withinMs` of the return */
export async function outage(lab: Lab, show: LabShow, receiver: LabReceiver, lastsMs: number, withinMs = 40_000): Promise<OutageFigures> {
  const [link] = lab.links;
  if (!link) throw new Error('the lab has no link');
  const cutMs = await link.cut(true);
  await sleep(lastsMs);
  const backMs = await link.cut(false);
  for (const lateMs = performance.now() + withinMs; performance.now() < lateMs; await sleep(LOOK_EVERY_MS)) {
    const pictures = (await receiver.log()).media.filter(({ kind, atMs }) => kind === 'video' && atMs > backMs);
    const [first] = pictures;
    if (!first) continue;
    const { encoded } = await show.log();
    const fresh = deliveries(
      streamOf(encoded).filter(({ atMs }) => atMs >= backMs),
      pictures,
    )
      .flatMap(({ received }) => (received ? [received.atMs] : []))
      .toSorted((a, b) => a - b)[0];
    if (fresh === undefined) continue;
    return { lastedMs: backMs - cutMs, pictureAfterMs: first.atMs - backMs, freshAfterMs: fresh - backMs };
  }
  throw new Error(`no picture within ${withinMs} ms of the link's return`);
}

/** What went to the destinations, the recording's own encode left out. */
export function streamOf(encoded: readonly EncodedTrail[]): EncodedTrail[] {
  return encoded.filter(({ renditionId }) => renditionId !== 'recording');
}

export interface ReconnectFigures {
  /** one after each window of reconnects */
  readings: Resources[];
  /** established TCP connections at the end */
  connections: number;
}

/** Resets the show's connection again and again, each time once pictures flow. @param each reconnects in a window */
export async function reconnects(
  { lab, show, receiver }: { lab: Lab; show: LabShow; receiver: LabReceiver },
  windows: number,
  each: number,
): Promise<ReconnectFigures> {
  const readings: Resources[] = [];
  for (let done = 1; done <= windows * each; done += 1) {
    const { framesSent = 0 } = (await show.invoke('stats.get')).publishers[0]?.stats ?? {};
    await receiver.reset();
    await untilLive(show, done, framesSent + 10);
    if (done % each !== 0) continue;
    await sleep(500); // what the old connections leave for a moment
    readings.push(await show.resources());
  }
  return { readings, connections: await lab.connections() };
}

async function untilLive(show: LabShow, reconnectsMin: number, framesMin: number, withinMs = 20_000): Promise<void> {
  for (const lateMs = performance.now() + withinMs; performance.now() < lateMs; await sleep(50)) {
    const [publisher] = (await show.invoke('stats.get')).publishers;
    if (publisher?.state.phase === 'live' && publisher.state.reconnects >= reconnectsMin && publisher.stats.framesSent >= framesMin) return;
    if (publisher?.state.phase === 'waiting') await show.invoke('destination.retry', { id: publisher.destinationId });
  }
  throw new Error(`reconnect ${reconnectsMin} did not happen within ${withinMs} ms`);
}

export interface RecordedFigures {
  pictures: number;
  lastsMs: number;
  longestStepMs: number;
  /** as the pictures left the encoder: longer than a picture where the machine was too slow */
  encoderStepMs: number;
  dtsRises: boolean;
}

/** What became of the recording, which no network may touch. To be asked once it is closed. */
export async function inspectRecording(show: LabShow, path: string): Promise<RecordedFigures> {
  const times = (await probePackets(path)).filter(({ kind }) => kind === 'video').map(({ dtsS }) => dtsS * 1_000);
  const encoded = (await show.log()).encoded.filter(({ kind }) => kind === 'video');
  const own = encoded.filter(({ renditionId }) => renditionId === 'recording');
  const encodedMs = (own.length > 0 ? own : encoded).map(({ dtsMs }) => dtsMs).toSorted((a, b) => a - b);
  return {
    pictures: times.length,
    lastsMs: (times.at(-1) ?? 0) - (times[0] ?? 0),
    longestStepMs: longestStepMs(times),
    encoderStepMs: longestStepMs(encodedMs),
    dtsRises: times.every((time, at) => at === 0 || time > (times[at - 1] ?? 0)),
  };
}

export interface DestinationFigures {
  name: string;
  phase: string;
  framesDropped: number;
  /** at the server */
  pictures: number;
  /** encoded and not there */
  missed: number;
}

/**
 * Five destinations for so long, recorded meanwhile: two on a good line, one whose server stops reading, one that refuses,
 * and one on a line of half the rate.
 */
export async function fiveDestinations(
  profile: Profile,
  lastsMs: number,
): Promise<{ good: DestinationFigures[]; bad: DestinationFigures[]; recorded: RecordedFigures }> {
  await using lab = await openLab([ORDINARY, ORDINARY]);
  const receivers = [await lab.receiver(0), await lab.receiver(0), await lab.receiver(0, { stalls: true }), null, await lab.receiver(1)];
  const halfKbps = Math.floor((profile.video.bitrateKbps + profile.audio.bitrateKbps) / 2);
  await lab.links[1]?.follow(traceOfRate(60_000, () => halfKbps));
  const show = await lab.show(
    profile,
    receivers.map((receiver) => ({ url: receiver?.url ?? lab.refusingUrl() })),
  );
  await show.invoke('session.start');
  const recording = await show.invoke('recording.start');
  await sleep(lastsMs);
  const { publishers } = await show.invoke('stats.get');
  const { encoded } = await show.log();
  const all = await Promise.all(
    receivers.map(async (receiver, index) => {
      const publisher = publishers.find(({ destinationId }) => destinationId === `d${index}`);
      const pictures = ((await receiver?.log())?.media ?? []).filter(({ kind }) => kind === 'video');
      return {
        name: ['good', 'good too', 'stalled', 'refusing', 'half the rate'][index] ?? '',
        phase: publisher?.state.phase ?? 'none',
        framesDropped: publisher?.stats.framesDropped ?? Number.NaN,
        pictures: pictures.length,
        missed: missedPictures(encoded, pictures),
      };
    }),
  );
  await show.invoke('session.stop');
  await show.invoke('recording.stop');
  return { good: all.slice(0, 2), bad: all.slice(2), recorded: await inspectRecording(show, recording.path) };
}
