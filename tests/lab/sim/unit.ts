/** One coded picture or AAC frame, from the encoder's output to its last byte at the receiver. */
export interface Unit {
  kind: 'video' | 'audio';
  key: boolean;
  /** on the RTMP connection, headers included */
  bytes: number;
  encodedMs: number;
  /** where it ends in the connection's bytes; null until it is written, and for ever if it is dropped */
  endByte: number | null;
  /** last byte received; null if it never was */
  arrivedMs: number | null;
}
