/**
 * What our own live server tells a Tidecast publisher of what it has received: more finely than Acknowledgements (5.4.3),
 * and with the server's time, so that the queue on the way shows without a common clock. An extension of ours: the client
 * asks for it with a property of connect, the server consents with one of its reply, and nobody else sees any of it.
 *
 * A report is a command without an answer, on message stream 0 and a chunk stream of its own, always of the same size:
 * `tidecastReceived`, 0, null, bytes received on this connection so far (handshake included), when the newest of them came,
 * when this was sent by the same clock, and Unix time then: what a publisher measures its clock against the server's by.
 */
import { type AmfObject, asObject } from '../amf0.ts';
import type { RtmpMessage } from './chunk.ts';
import type { Command } from './command.ts';
import { CHUNK_STREAM, commandMessage } from './message.ts';

export interface DeliveryReport {
  /** total of this connection */
  receivedBytes: number;
  /** by a clock of the server that begins anywhere and never goes back */
  arrivedMs: number;
  /** when the report itself was sent, by the same clock and by Unix time; left out: it does not tell */
  clock?: { sentMs: number; unixMs: number };
}

const NAME = 'tidecastReceived';
const PROPERTY = 'tidecastReports';
const VERSION = 1;

/** Beside connect's other properties, and beside those of its reply. */
export const REPORT_PROPERTIES: AmfObject = { [PROPERTY]: VERSION };

/** Whether a connect asks for reports, or a reply promises them. */
export const isReporting = ({ object }: Command): boolean => asObject(object)?.[PROPERTY] === VERSION;

export function deliveryReport({ receivedBytes, arrivedMs, clock }: DeliveryReport): RtmpMessage {
  const times = clock ? [clock.sentMs, clock.unixMs] : [];
  const command = { name: NAME, transactionId: 0, object: null, args: [receivedBytes, arrivedMs, ...times] };
  return { ...commandMessage(command), chunkStreamId: CHUNK_STREAM.report };
}

/** @returns null when this is no report; what it says is for the reader to doubt */
export function deliveryReportOf({ name, args }: Command): DeliveryReport | null {
  if (name !== NAME) return null;
  const [receivedBytes, arrivedMs, sentMs, unixMs] = args;
  const isUsable = isCount(receivedBytes) && isCount(arrivedMs);
  if (!isUsable) return null;
  return isCount(sentMs) && isCount(unixMs) ? { receivedBytes, arrivedMs, clock: { sentMs, unixMs } } : { receivedBytes, arrivedMs };
}

const isCount = (value: unknown): value is number => typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER;
