/** When and how far the rate rises: at once where the link has shown room, else in careful steps. */
import { other, PROVEN_MORE, partUsed, RAISE_LEAST, S, SURE_US, set, type TidecastState, USE_SHORT, type View } from './tidecast-state.ts';
import { bestBurst } from './window.ts';

const RAISE_EVERY_US = S;
/** Bursts of so long ago show what the link takes. */
const PROOF_US = 2.3 * S;
const PROVEN_USE = 0.92;
/** Towards a rate that has held before, in larger steps. */
const KNOWN_STEP = 1.3;
const KNOWN_EVERY_US = 2 * S;
/** Without any evidence. */
const PROBE_EVERY_US = 4 * S;
const PROBE = 1.1;
/** What was measured is believed for so long, unless a burst shows more. */
const LID_US = 75 * S;
/** A plain socket shows no bursts: there it has to be tried sooner. */
const SOCKET_LID_US = 20 * S;

export function rise(state: TidecastState, view: View): TidecastState {
  const { atUs, limits, waitMs } = view;
  const held = atUs - Math.max(state.changedAtUs, state.congestedAtUs) > 8 * S;
  const good = held ? { ...state, goodKbps: Math.max(state.videoKbps, state.goodKbps) } : state;
  if (state.videoKbps >= limits.ceilingKbps) return { ...good, reason: 'ceiling' };
  if (waitMs > 120 || atUs - state.changedAtUs < RAISE_EVERY_US) return good;
  const room = roomKbps(good, view);
  const wanted = Math.min(limits.ceilingKbps, room);
  const enough = wanted >= state.videoKbps * RAISE_LEAST || (wanted >= limits.ceilingKbps && wanted > state.videoKbps);
  if (!enough) return { ...good, reason: good.reason === 'rising' && atUs - good.changedAtUs > 4 * S ? 'link' : good.reason };
  return { ...set(good, wanted, 'rising', view), raisedAtUs: atUs, raisedFromKbps: state.videoKbps };
}

/** The video rate that there is evidence for, or that is worth a try. */
function roomKbps(state: TidecastState, view: View): number {
  const { atUs, limits, evidence } = view;
  const { measured, failed, videoKbps } = state;
  const held = failed && atUs < failed.untilUs ? failed.kbps * 0.95 : Number.POSITIVE_INFINITY;
  const provenKbps = proven(state, view);
  const isLid =
    measured !== null &&
    atUs - measured.atUs < (evidence === 'socket' ? SOCKET_LID_US : LID_US) &&
    provenKbps < measured.kbps * PROVEN_MORE;
  if (isLid && atUs - measured.atUs < 3 * S) {
    const sure = measured.kbps * partUsed(measured.spanUs) - other(limits);
    return measured.spanUs >= SURE_US / 2 ? sure : Math.min(sure, held);
  }
  const burst = Math.min(provenKbps * PROVEN_USE - other(limits), videoKbps * 1.6);
  if (!isLid && burst > videoKbps * RAISE_LEAST)
    return failed && provenKbps < failed.kbps * PROVEN_MORE ? Math.min(burst, held) : Math.max(burst, knownStep(state));
  return Math.min(probe(state, view, isLid ? measured.kbps : 0), held);
}

/** Towards a rate that has held before the steps are larger. */
const knownStep = ({ videoKbps, goodKbps }: TidecastState): number => (videoKbps < goodKbps * 0.9 ? videoKbps * KNOWN_STEP : 0);

/** Without evidence: a little more, now and then, and only if the encoder makes use of what it has. @param lidKbps 0: nothing is known */
function probe(state: TidecastState, { atUs, limits, inKbps, evidence }: View, lidKbps: number): number {
  const { videoKbps, changedAtUs, congestedAtUs } = state;
  const totalKbps = videoKbps + other(limits);
  if (inKbps < totalKbps * 0.8) return 0;
  const known = lidKbps === 0 && evidence !== 'socket' ? knownStep(state) : 0;
  const everyUs = lidKbps > 0 && totalKbps > lidKbps * USE_SHORT ? LID_US : known > 0 ? KNOWN_EVERY_US : PROBE_EVERY_US;
  return atUs - Math.max(changedAtUs, congestedAtUs) < everyUs ? 0 : Math.max(known, videoKbps * PROBE);
}

/** What bursts since something last waited for too long have shown the link to take. A plain socket swallows them, and shows nothing. */
function proven({ window, congestedAtUs }: TidecastState, { atUs, evidence }: View): number {
  return evidence === 'socket' ? 0 : bestBurst(window, Math.max(atUs - PROOF_US, congestedAtUs));
}
