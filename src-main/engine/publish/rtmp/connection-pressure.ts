/** What one connection knows of its way to the server: the connection's part of `Pressure`. */
import type { DeliveryEvidence } from '../../../../src-shared/domain/index.ts';
import type { TcpPressure, WayPressure } from '../../rate-control/pressure.ts';

/** All counts are totals of the connection in one unit: bytes of RTMP as `sentBytes` counts them, handshake and chunk headers included. */
export interface ConnectionPressure {
  sentBytes: number;
  /** never falls, never above sentBytes: what has arrived by the best evidence there is */
  deliveredBytes: number;
  evidence: DeliveryEvidence;
  /** of sentBytes, what waits in this process for the system: it can no longer be dropped */
  pendingBytes: number;
  /** sent and not acknowledged by the server; null unless the evidence is its acknowledgements */
  unackedBytes: number | null;
  /** taken by the system and not yet sent by it; null where it does not tell */
  unsentBytes: number | null;
  tcp: TcpPressure | null;
  /** null unless the evidence is the server's reports, or its acknowledgements alone */
  way: WayPressure | null;
}
