/**
 * OBS Studio's dynamic bitrate, from the behaviour of plugins/obs-outputs/rtmp-stream.c as it is known in public. It looks
 * at the packets that its own process still holds, behind a socket whose buffer the system tunes; nothing is ever dropped.
 * It checks at each packet; here every 100 ms, which costs it 0.05 s on average.
 */
import type { RateController } from '../../../src-main/engine/rate-control/controller.ts';
import { AUDIO_KBPS } from '../sim/encoder.ts';

/** DBR_TRIGGER_USEC. Five packets as well, but 200 ms at 30 fps always hold more */
const TRIGGER_MS = 200;
/** MIN_ESTIMATE_DURATION_MS, MAX_ESTIMATE_DURATION_MS: what was sent is summed over so long */
const ESTIMATE_LEAST_MS = 1_000;
const ESTIMATE_MOST_MS = 2_000;
/** an estimate is rounded down to whole hundreds, and is never less than this */
const STEP_KBPS = 100;
const LEAST_KBPS = 50;
/** DBR_INC_TIMER: up by a tenth of the original every so often, and never with less zeal after a failure */
const RISE_EVERY_US = 4_000_000;
const RISE_SHARE = 0.1;

interface Sent {
  atUs: number;
  bytes: number;
}

interface State {
  kbps: number;
  /** dbr_prev_bitrate: before the last raise; where it goes back to when there is no estimate yet */
  previousKbps: number | null;
  riseAtUs: number | null;
  sent: Sent[];
}

export const obsDbr: RateController<State> = {
  initial: (limits, nowUs, startKbps) => ({
    kbps: startKbps ?? limits.ceilingKbps,
    previousKbps: null,
    riseAtUs: null,
    sent: [{ atUs: nowUs, bytes: 0 }],
  }),
  step(before, { atUs, deliveredBytes, queueMs }, limits) {
    // a frame counts when the socket has taken it, and the time until then is the next one's
    const isTaken = deliveredBytes > (before.sent.at(-1)?.bytes ?? 0);
    const all = isTaken ? [...before.sent, { atUs, bytes: deliveredBytes }] : before.sent;
    const sent = all.filter((mark, index) => atUs - mark.atUs <= ESTIMATE_MOST_MS * 1_000 || index === all.length - 1);
    let state: State = { ...before, sent };
    if (state.riseAtUs !== null && atUs >= state.riseAtUs) state = raised(state, atUs, limits.ceilingKbps);
    if (queueMs >= TRIGGER_MS) state = lowered(state, atUs);
    // the floor is ours, not its own: it would go on to 50 kbps
    const videoKbps = Math.min(limits.ceilingKbps, Math.max(LEAST_KBPS, state.kbps));
    return { state, decision: { videoKbps, reason: videoKbps < limits.ceilingKbps ? 'link' : 'ceiling', dropToIdr: false } };
  },
};

/** dbr_inc_bitrate */
function raised(state: State, atUs: number, originalKbps: number): State {
  const kbps = Math.min(originalKbps, state.kbps + originalKbps * RISE_SHARE);
  return { ...state, previousKbps: state.kbps, kbps, riseAtUs: kbps < originalKbps ? atUs + RISE_EVERY_US : null };
}

/** dbr_bitrate_lowered: to the estimate, else back to before the last raise; then the summing begins anew. */
function lowered(state: State, atUs: number): State {
  const estimateKbps = estimate(state.sent);
  const isLower = estimateKbps !== null && estimateKbps < state.kbps;
  const sent = isLower ? state.sent.slice(-1) : state.sent;
  const kbps = isLower ? Math.max(LEAST_KBPS, Math.floor(estimateKbps / STEP_KBPS) * STEP_KBPS) : state.previousKbps;
  if (kbps === null || kbps === state.kbps) return { ...state, sent };
  return { kbps, previousKbps: null, riseAtUs: atUs + RISE_EVERY_US, sent };
}

/** dbr_add_frame: bytes over the time they took, without the sound; null before there is a second of it. */
function estimate(sent: Sent[]): number | null {
  const first = sent[0];
  const last = sent.at(-1);
  if (!first || !last || last.atUs - first.atUs < ESTIMATE_LEAST_MS * 1_000) return null;
  return Math.max(LEAST_KBPS, ((last.bytes - first.bytes) * 8_000) / (last.atUs - first.atUs) - AUDIO_KBPS);
}
