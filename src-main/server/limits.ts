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
  /** of viewersMax, for one address: many may share one, behind a router */
  viewersPerAddressMax: number;

  // one address, of all listeners together
  connectionsPerAddressPerS: number;
  /** as many may come at once after a rest */
  connectionsPerAddressBurst: number;
  /** at a time */
  rtmpConnectionsPerAddressMax: number;
  httpConnectionsPerAddressMax: number;
  wrongKeysPerMinute: number;
  /** they hold for this machine's own addresses, too */
  addressLimitsOnLoopback: boolean;

  // hooks
  /** no answer in this time is a no */
  hookMs: number;
  /** questions at a time */
  hooksMax: number;
  /** of these, for one address */
  hooksPerAddressMax: number;
  /** of a viewer over a WebSocket, who has nothing else to say */
  viewerPingsPerSecondMax: number;

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
  /** an edge lets its origin go so long after the last viewer */
  edgeIdleMs: number;
  /** a forwarded stream's connection waits so long for its publisher to return */
  forwardIdleMs: number;

  // HTTP
  httpConnectionsMax: number;
  /** of one HTTP/2 connection */
  httpStreamsMax: number;
  headerBytesMax: number;
  headersMs: number;
  requestMs: number;
  keepAliveMs: number;

  /** from a request to the end of its answer, with what is waited for; streams alone have no end */
  answerMs: number;
  /** of one HTTP/2 connection: streams that are reset, at once after a rest and each second (CVE-2023-44487) */
  httpResetsBurst: number;
  httpResetsPerS: number;
  /** of one HTTP/2 connection: frames that break the protocol, and streams beyond httpStreamsMax */
  httpBadFramesMax: number;

  // what players tell of themselves
  qoeBytesMax: number;
  /** players kept at a time, of one stream */
  qoeViewersMax: number;
  /** of these, from one address: many may share one, behind a router */
  qoeViewersPerAddressMax: number;
  /** one that tells nothing for so long has gone */
  qoeGoneMs: number;
  /** a player is heard no more often */
  qoeEveryMs: number;

  // the ladder of one stream
  /** a rung that nobody watches is made no longer */
  ladderIdleMs: number;
  /** viewers have known of rungs for so long: a process is made ready for them */
  ladderSpareAfterMs: number;
  /** pictures that the ladder's process has not worked through */
  ladderUnderWayMax: number;
  /** a rung that is asked for in mid-GOP begins at most so far back */
  ladderBackMs: number;
  /** who is so far behind the source cannot be watched well; the queue in front of the ladder drops to an IDR at 3 s */
  ladderBehindMs: number;
  /** of its process, from the first picture on: after the studio's own encoder, and after the server itself */
  ladderNiceness: number;
  /** a process that takes no picture for so long hangs */
  ladderHangMs: number;
  /** a rung that this machine had no time for is not offered for so long */
  ladderRestMs: number;
  /** of one address: keyframe requests, and how long one of them counts */
  keyframeRequestsMax: number;
  keyframeRequestsMs: number;

  // HLS, of one stream in one format
  /** a segment ends with the first IDR after so long */
  hlsSegmentMs: number;
  /** and at the latest here, however far apart the IDRs are */
  hlsTargetMaxS: number;
  /** a part of low latency: ten pictures at 30 fps, and room for RTMP's whole milliseconds */
  hlsPartTargetMs: number;
  /** how far back a viewer may go */
  hlsWindowMs: number;
  /** of all segments that are kept; above it the window becomes shorter */
  hlsBytesMax: number;
  hlsSegmentBytesMax: number;
  /** after the last request for so long, no more segments are made */
  hlsIdleMs: number;
  /** the first request waits so long for something to play; hls.js waits for 10 s */
  hlsStartMs: number;
  /** requests that wait for what is still being made */
  hlsWaitingMax: number;
  /** a viewer that asks for no playlist for so long is gone; at least as long as it may have to wait for one */
  hlsViewerGoneMs: number;
  /** to read one answer: a segment stays in memory for who reads it */
  hlsResponseMs: number;

  // what is kept of shows
  /** a publisher that returns within this time goes on in the same show */
  recordGraceMs: number;
  /** of media that waits for the disk, of one stream */
  recordQueueBytes: number;
  /** what must stay free on the disk, for everything else that is on it */
  recordFreeBytesMin: number;
  /** a longer show goes on as another, so that one that never ends can be kept within bounds, too */
  recordShowMs: number;
  /** after a failure it is tried again */
  recordRetryMs: number;
  /** at the end of the server, for what waits for the disk */
  recordCloseMs: number;
  /** files that are being read by viewers, at a time */
  vodReadsMax: number;
  /** a reader that takes nothing for so long is let go */
  vodStalledMs: number;
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
  viewersPerAddressMax: 100,
  connectionsPerAddressPerS: 50,
  connectionsPerAddressBurst: 200,
  rtmpConnectionsPerAddressMax: 50,
  httpConnectionsPerAddressMax: 300,
  wrongKeysPerMinute: 10,
  addressLimitsOnLoopback: false,
  hookMs: 5_000,
  hooksMax: 32,
  hooksPerAddressMax: 8,
  viewerPingsPerSecondMax: 10,
  rtmpConnectionsMax: 600,
  handshakeMs: 5_000,
  commandMs: 10_000,
  publisherSilentMs: 20_000,
  takeOverAfterMs: 1_500,
  messageBytesMax: 8 * 1024 * 1024,
  commandBytesMax: 64 * 1024,
  edgeIdleMs: 30_000,
  forwardIdleMs: 5_000,
  httpConnectionsMax: 1_000,
  httpStreamsMax: 32,
  headerBytesMax: 8 * 1024,
  headersMs: 8_000,
  requestMs: 15_000,
  keepAliveMs: 5_000,
  answerMs: 120_000,
  httpResetsBurst: 100,
  httpResetsPerS: 20,
  httpBadFramesMax: 64,
  qoeBytesMax: 4 * 1024,
  qoeViewersMax: 1_000,
  qoeViewersPerAddressMax: 200,
  qoeGoneMs: 30_000,
  qoeEveryMs: 500,
  ladderIdleMs: 30_000,
  ladderSpareAfterMs: 1_500,
  ladderUnderWayMax: 12,
  ladderBackMs: 1_000,
  ladderBehindMs: 1_000,
  ladderNiceness: 5,
  ladderHangMs: 6_000,
  ladderRestMs: 60_000,
  keyframeRequestsMax: 10,
  keyframeRequestsMs: 10_000,
  hlsSegmentMs: 2_000,
  hlsTargetMaxS: 12,
  hlsPartTargetMs: 336,
  hlsWindowMs: 60_000,
  hlsBytesMax: 128 * 1024 * 1024,
  hlsSegmentBytesMax: 24 * 1024 * 1024,
  hlsIdleMs: 30_000,
  hlsStartMs: 9_000,
  hlsWaitingMax: 1_000,
  hlsViewerGoneMs: 10_000,
  hlsResponseMs: 60_000,
  recordGraceMs: 30_000,
  recordQueueBytes: 64 * 1024 * 1024,
  recordFreeBytesMin: 512 * 1024 * 1024,
  recordShowMs: 12 * 3_600_000,
  recordRetryMs: 60_000,
  recordCloseMs: 9_000,
  vodReadsMax: 300,
  vodStalledMs: 30_000,
};
