/** Every bound of the live server in one place. Tests shorten times; nothing else changes them. */
export interface ServerLimits {
  // GOP cache of one stream: above either, it is empty until the next IDR
  gopCacheBytes: number;
  gopCacheMs: number;
  /** a viewer who joins a GOP older than this asks for an IDR */
  freshGopMs: number;
  /** at most one IDR request per stream in this time */
  idrWantedEveryMs: number;

  // one viewer's queue: above either, it drops to the next IDR
  viewerQueueMs: number;
  viewerQueueBytes: number;
  /** a viewer whose network takes nothing for so long is let go */
  viewerStalledMs: number;
  /** a viewer waits so long for a publisher before it is let go */
  viewerWaitsMs: number;
  viewersMax: number;

  // RTMP
  rtmpConnectionsMax: number;
  /** from the first byte to the end of the handshake */
  handshakeMs: number;
  /** from the handshake, or the end of a stream, to `publish` or `play` */
  commandMs: number;
  /** a publisher that sends nothing for so long is gone */
  publisherSilentMs: number;
  /** a publisher silent for so long gives way to another with the same key */
  takeOverAfterMs: number;
  messageBytesMax: number;
  commandBytesMax: number;

  // HTTP
  httpConnectionsMax: number;
  headerBytesMax: number;
  headersMs: number;
  requestMs: number;
  keepAliveMs: number;
}

export const SERVER_LIMITS: Readonly<ServerLimits> = {
  gopCacheBytes: 32 * 1024 * 1024,
  gopCacheMs: 12_000,
  freshGopMs: 1_000,
  idrWantedEveryMs: 1_000,
  viewerQueueMs: 3_000,
  viewerQueueBytes: 32 * 1024 * 1024,
  viewerStalledMs: 30_000,
  viewerWaitsMs: 10 * 60_000,
  viewersMax: 500,
  rtmpConnectionsMax: 200,
  handshakeMs: 5_000,
  commandMs: 10_000,
  publisherSilentMs: 20_000,
  takeOverAfterMs: 1_500,
  messageBytesMax: 8 * 1024 * 1024,
  commandBytesMax: 64 * 1024,
  httpConnectionsMax: 1_000,
  headerBytesMax: 8 * 1024,
  headersMs: 8_000,
  requestMs: 15_000,
  keepAliveMs: 5_000,
};
