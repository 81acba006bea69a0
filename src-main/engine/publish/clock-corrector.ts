/**
 * Takes jumps of a source's clock out of its timestamps. A jump is a step of media time that the engine's clock does not
 * bear out by more than two frame intervals. Where both agree, as after a drop or a new encoder, the gap is real and stays.
 *
 * A packet cannot come before its time, but late it may be. So media time that runs ahead of the least latency seen, or
 * falls back, is a jump at once; a step that only makes packets late must make them very late, and for a second.
 */
import { US_PER_S } from '../../../src-shared/units.ts';
import type { MediaPacket } from '../../process/packet.ts';
import { timeUs } from './media-queue.ts';

/** what a packet without a duration is taken to last */
const DEFAULT_INTERVAL_US = US_PER_S / 30;
/** until then the least latency seen says little */
const SETTLED_US = 2 * US_PER_S;
/** Lateness after a step is a jump only if it is more than a new encoder's lookahead might cost, and lasts. */
const LATE_US = US_PER_S / 2;
const DOUBT_US = US_PER_S;
/** how long after one kind's jump the other kind's is taken to be the same */
const SAME_JUMP_US = 2 * US_PER_S;
/** weight of a new packet's latency in the usual one */
const LATENCY_WEIGHT = 1 / 16;

export interface Corrected<P extends MediaPacket> {
  packet: P;
  /** by how much the source's clock jumped just before this packet; 0: it did not. The other kind's part in the same jump is not told again */
  jumpUs: number;
}

interface Track {
  /** of the newest packet, as corrected */
  lastUs: number;
  /** arrival of the first packet */
  beganUs: number;
  /** arrival less media time: the least ever, and the usual one */
  leastLatencyUs: number;
  usualLatencyUs: number;
  shiftUs: number;
  /** the stream within the source: another rendition has another latency */
  stream: string;
  /** since a step that made packets late: the least latency from there on */
  doubt: { sinceUs: number; leastLatencyUs: number } | null;
}

export class ClockCorrector {
  readonly #tracks: Record<MediaPacket['kind'], Track | null> = { video: null, audio: null };
  #intervalUs = DEFAULT_INTERVAL_US;
  #jump: { kind: MediaPacket['kind']; byUs: number; atUs: number } | null = null;

  /** @param arrivedUs when the packet reached us, on the engine's clock */
  correct<P extends MediaPacket>(packet: P, arrivedUs: number): Corrected<P> {
    const stream = packet.kind === 'video' ? packet.renditionId : '';
    const durationUs = packet.durationUs > 0 ? packet.durationUs : DEFAULT_INTERVAL_US;
    if (packet.kind === 'video') this.#intervalUs = durationUs;
    const track = this.#tracks[packet.kind];
    if (!track || track.stream !== stream) {
      const shiftUs = track?.shiftUs ?? 0;
      const corrected = shifted(packet, shiftUs);
      this.#tracks[packet.kind] = beginTrack(timeUs(corrected), arrivedUs, shiftUs, stream);
      return { packet: corrected, jumpUs: 0 };
    }
    const byUs = this.#jumpOf(track, timeUs(packet) + track.shiftUs, durationUs, arrivedUs);
    const isNew = byUs !== 0 && this.#take(packet.kind, track, byUs, arrivedUs);
    const corrected = shifted(packet, track.shiftUs);
    follow(track, timeUs(corrected), arrivedUs);
    return { packet: corrected, jumpUs: isNew ? byUs : 0 };
  }

  /** @returns by how much media time has jumped, in whole frames; 0: it has not */
  #jumpOf(track: Track, mediaUs: number, durationUs: number, arrivedUs: number): number {
    const limitUs = 2 * Math.max(durationUs, this.#intervalUs);
    const stepUs = mediaUs - track.lastUs;
    const latencyUs = arrivedUs - mediaUs;
    const irregularUs = stepUs - durationUs;
    const leastUs = arrivedUs - track.beganUs < SETTLED_US ? Math.min(0, track.leastLatencyUs) : track.leastLatencyUs;
    const isAhead = irregularUs > limitUs && latencyUs < leastUs - limitUs;
    const isBack = irregularUs < -limitUs;
    if (isAhead || isBack) return stepUs - trueStepUs(track, durationUs, arrivedUs);
    if (irregularUs > limitUs) track.doubt ??= { sinceUs: arrivedUs, leastLatencyUs: latencyUs };
    return lateness(track, latencyUs, durationUs, arrivedUs);
  }

  /** @returns whether the jump is one of its own: sound and picture have the same clock, and jump by the same */
  #take(kind: MediaPacket['kind'], track: Track, byUs: number, nowUs: number): boolean {
    const before = this.#jump;
    const isSame =
      before !== null && before.kind !== kind && nowUs - before.atUs < SAME_JUMP_US && Math.abs(byUs - before.byUs) <= 3 * this.#intervalUs;
    track.shiftUs -= isSame ? before.byUs : byUs;
    this.#jump = isSame ? null : { kind, byUs, atUs: nowUs };
    return !isSame;
  }
}

/** How far media time should have come since the last packet: whole frames, by the engine's clock. */
function trueStepUs(track: Track, durationUs: number, arrivedUs: number): number {
  const elapsedUs = arrivedUs - track.usualLatencyUs - track.lastUs;
  return Math.max(1, Math.round(elapsedUs / durationUs)) * durationUs;
}

/** @returns the jump that a step in doubt has proved to be by now; 0: none, or none yet */
function lateness(track: Track, latencyUs: number, durationUs: number, arrivedUs: number): number {
  if (!track.doubt) return 0;
  const { sinceUs } = track.doubt;
  const leastLatencyUs = Math.min(track.doubt.leastLatencyUs, latencyUs);
  const lateUs = leastLatencyUs - track.usualLatencyUs;
  const isOver = lateUs <= LATE_US || arrivedUs - sinceUs >= DOUBT_US;
  track.doubt = isOver ? null : { sinceUs, leastLatencyUs };
  return isOver && lateUs > LATE_US ? -Math.round(lateUs / durationUs) * durationUs : 0;
}

function beginTrack(mediaUs: number, arrivedUs: number, shiftUs: number, stream: string): Track {
  const latencyUs = arrivedUs - mediaUs;
  return { lastUs: mediaUs, beganUs: arrivedUs, leastLatencyUs: latencyUs, usualLatencyUs: latencyUs, shiftUs, stream, doubt: null };
}

function follow(track: Track, mediaUs: number, arrivedUs: number): void {
  const latencyUs = arrivedUs - mediaUs;
  track.lastUs = mediaUs;
  track.leastLatencyUs = Math.min(track.leastLatencyUs, latencyUs);
  if (!track.doubt) track.usualLatencyUs += (latencyUs - track.usualLatencyUs) * LATENCY_WEIGHT;
}

function shifted<P extends MediaPacket>(packet: P, byUs: number): P {
  if (byUs === 0) return packet;
  const ptsUs = packet.ptsUs + byUs;
  return packet.kind === 'video' ? { ...packet, ptsUs, dtsUs: packet.dtsUs + byUs } : { ...packet, ptsUs };
}
