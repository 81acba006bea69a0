/**
 * Every expected failure has a code to branch on and a message that says what to do.
 * A code is `area.reason`; the list is closed, so a switch over it can be checked by the compiler.
 */
import { z } from 'zod';

export const ErrorCode = z.enum([
  // the caller's message did not fit the contract
  'ipc.unknown-call',
  'ipc.bad-input',
  'ipc.bad-output',
  'ipc.unauthorised',
  'ipc.disconnected',
  // things that are not there
  'store.not-found',
  'store.corrupt',
  'store.conflict',
  'store.newer-version',
  /** the data folder cannot be read or written */
  'store.folder',
  /** another Tidecast uses the same data folder */
  'store.in-use',
  /** the store's worker ended; it is started again, and what was committed is safe */
  'store.unavailable',
  'shell.unavailable',
  // session
  'session.no-destination',
  /** a running show has no other */
  'session.last-destination',
  'session.already-live',
  'session.not-live',
  'media.not-connected',
  'media.bad-frame',
  /** another page took this one's place at the encoder */
  'media.replaced',
  // capture devices, reported by the renderer
  'device.not-found',
  'device.permission-denied',
  'device.in-use',
  'device.unplugged',
  'device.constraint',
  /** the system or the user gives picture, but not the computer's sound */
  'device.no-sound',
  // network and RTMP
  'network.dns',
  'network.refused',
  'network.unreachable',
  'network.timeout',
  'network.reset',
  'network.tls',
  'rtmp.bad-url',
  /** the destination has no stream key, as after a restart: keys live in memory */
  'rtmp.no-key',
  'rtmp.handshake',
  'rtmp.protocol',
  /** the key, and for good */
  'rtmp.rejected',
  /** the server did not take us this time, for whatever reason */
  'rtmp.refused',
  'rtmp.stalled',
  /** the server does not take the codec, or does not say that it does */
  'rtmp.codec',
  // encoder
  'encoder.open-failed',
  'encoder.crashed',
  'encoder.hung',
  // recording
  'record.disk-full',
  'record.folder',
  'record.io',
  'record.already-recording',
  'record.not-recording',
  // live server
  'server.port-in-use',
  'server.unavailable',
  /** the TLS certificate or its key cannot be read, do not fit, or are out of date */
  'server.certificate',
  /** the live server records a show no longer, which goes on */
  'server.record-disk-full',
  'server.record-folder',
  'server.record-io',
  /** the disk does not follow */
  'server.record-too-slow',
  'asset.too-large',
  'asset.unsupported',
  /** a file that should be a .cube colour table and is none */
  'asset.bad-lut',
  'internal',
]);
export type ErrorCode = z.infer<typeof ErrorCode>;

/** An expected failure. `message` is shown to the user: it says what happened and what to do. */
export class StudioError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'StudioError';
    this.code = code;
  }
}

/** A failure as data, for crossing a process border. Never carries a stack or a secret. */
export const Failure = z.strictObject({ code: ErrorCode, message: z.string() });
export type Failure = z.infer<typeof Failure>;

export type Result<T> = { ok: true; value: T } | ({ ok: false } & Failure);

/** Turns anything thrown into a failure that may be shown; unknown errors become `internal`. */
export function toFailure(error: unknown): Failure {
  if (error instanceof StudioError) return { code: error.code, message: error.message };
  return { code: 'internal', message: error instanceof Error ? error.message : String(error) };
}
