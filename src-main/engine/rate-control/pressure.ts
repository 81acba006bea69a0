/** What the way to one server looks like now: the only thing rate control sees of it. */
import type { DeliveryEvidence } from '../../../src-shared/domain/index.ts';

export const PRESSURE_EVERY_MS = 100;

/** Byte counts are totals of this connection's media; differences of two samples are what passed between them. */
export interface Pressure {
  /** engine time */
  atUs: number;
  /** bytes of media that the encoder has given us; what was dropped is not among them */
  offeredBytes: number;
  /** bytes known to have left the queue, by the best evidence there is */
  deliveredBytes: number;
  evidence: DeliveryEvidence;
  /**
   * How late the newest delivered media is: newest minus oldest decoding time of what is not known to be delivered.
   * Includes the round trip where the evidence does.
   */
  delayMs: number;
  /** of that, what still waits in our own queue, where it can be dropped */
  queueMs: number;
  queueBytes: number;
  /** handed to the socket and not acknowledged by the server; null where it does not acknowledge */
  unackedBytes: number | null;
  /** handed to the socket and not yet sent, in this process (the runtime's buffer) and in the system (SIOCOUTQNSD); null where the system does not tell */
  unsentBytes: number | null;
  tcp: TcpPressure | null;
  /** null unless the evidence is our own server's reports, or acknowledgements where the system tells nothing */
  way: WayPressure | null;
}

/** From what the server says it has received, and when: report-tracker.ts, ack-way.ts. */
export interface WayPressure {
  /** handed to the socket, and would have arrived if nothing had waited on the way */
  queueBytes: number;
  /** the fastest that anything has arrived, in a tenth to half of a second before the newest that is known; 0: nothing has of late */
  burstKbps: number;
}

/** From TCP_INFO (Linux: struct tcp_info). */
export interface TcpPressure {
  rttMs: number;
  /** the least of the connection */
  minRttMs: number;
  /** newest estimate of what the path delivers; with `appLimited` it is only what was offered */
  deliveryRateKbps: number;
  appLimited: boolean;
  /** sent and not acknowledged by the peer's TCP */
  inFlightBytes: number;
  retransmittedPackets: number;
}
