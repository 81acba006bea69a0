/** What a publisher may be told beyond its options; the defaults suit a real broadcast, tests shorten them. */
export interface PublisherTuning {
  /** for name lookup, TCP and TLS, each */
  connectTimeoutMs: number;
  /** for the handshake and for each command */
  replyTimeoutMs: number;
  /** nothing has left the socket, or an acknowledging server has been silent, for so long: the connection is dead */
  stallMs: number;
  /** how late a picture may be on its way, ours and the network's together; beyond it pictures are dropped to the next IDR */
  queueMaxMs: number;
  /** for the goodbye */
  stopMs: number;
  backoffFirstMs: number;
  backoffMaxMs: number;
  /** a session that lasted so long starts the back-off anew */
  stableMs: number;
  /** how long a rejected key is retried after a drop */
  graceMs: number;
  /** between two looks whether a silent server answers again */
  knockEveryMs: number;
  /** how long one of them may take */
  knockMs: number;
  /** 0 to 1, for the jitter */
  random: () => number;
  /** certificates to trust in PEM, instead of the system's */
  tlsCa: string | string[] | null;
}

export const DEFAULT_TUNING: PublisherTuning = {
  connectTimeoutMs: 3_000,
  replyTimeoutMs: 10_000,
  stallMs: 4_500, // under 5 s with the look each 250 ms; a flow cut for 3 s may go on by itself until then
  queueMaxMs: 900, // with what is on its way by then, a picture is at most 1.5 s late
  stopMs: 1_300, // a show is off the air in 2 s, the encoder's last pictures included (session/session.ts)
  backoffFirstMs: 1_000,
  backoffMaxMs: 30_000,
  stableMs: 10_000,
  graceMs: 90_000, // Twitch keeps a dropped stream alive for so long
  knockEveryMs: 1_000,
  knockMs: 3_000,
  random: Math.random,
  tlsCa: null,
};
