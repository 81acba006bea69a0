/** What can go wrong on the way to a server, in words for the user. Nothing here ever sees the stream key. */
import { type ErrorCode, StudioError } from '../../../../src-shared/errors.ts';
import type { Form } from '../../../wire/rtmp/enhanced.ts';
import { WireError } from '../../../wire/wire-error.ts';

/** How far a connection has come: the same closed socket means different things. */
export type Stage = 'dns' | 'connect' | 'tls' | 'handshake' | 'session' | 'publish' | 'live';

const SYSTEM_CODES: Record<string, ErrorCode> = {
  ENOTFOUND: 'network.dns',
  EAI_AGAIN: 'network.dns',
  EAI_FAIL: 'network.dns',
  EAI_NODATA: 'network.dns',
  EAI_NONAME: 'network.dns',
  ECONNREFUSED: 'network.refused',
  EHOSTUNREACH: 'network.unreachable',
  ENETUNREACH: 'network.unreachable',
  EHOSTDOWN: 'network.unreachable',
  ENETDOWN: 'network.unreachable',
  EADDRNOTAVAIL: 'network.unreachable',
  EACCES: 'network.unreachable',
  EPERM: 'network.unreachable',
  ETIMEDOUT: 'network.timeout',
  ECONNRESET: 'network.reset',
  ECONNABORTED: 'network.reset',
  EPIPE: 'network.reset',
};

export function networkFailure(cause: unknown, stage: Stage, label: string): StudioError {
  if (cause instanceof StudioError) return cause;
  if (cause instanceof WireError) {
    const code = stage === 'handshake' ? 'rtmp.handshake' : 'rtmp.protocol';
    return new StudioError(code, `${label} does not speak RTMP as expected: ${cause.message}. Check the server address and port.`, {
      cause,
    });
  }
  const code = SYSTEM_CODES[(cause as NodeJS.ErrnoException | null)?.code ?? ''];
  if (stage === 'tls' && code !== 'network.timeout') return tlsFailure(cause, label);
  return new StudioError(code ?? 'network.reset', networkMessage(code ?? 'network.reset', label), { cause });
}

function networkMessage(code: ErrorCode, label: string): string {
  switch (code) {
    case 'network.dns':
      return `The server name of ${label} cannot be found. Check the address for typing errors, and that this computer is online.`;
    case 'network.refused':
      return `${label} refuses connections. Check the port, and that the server is running.`;
    case 'network.unreachable':
      return `${label} cannot be reached from here. Check the network connection, VPN and firewall.`;
    case 'network.timeout':
      return `${label} does not answer. Check the address, the network connection and the firewall.`;
    default:
      return `The connection to ${label} was lost.`;
  }
}

function tlsFailure(cause: unknown, label: string): StudioError {
  const reason = (cause as NodeJS.ErrnoException | null)?.code ?? '';
  const untrusted = /CERT|SELF_SIGNED|UNABLE_TO/.test(reason);
  const text = untrusted
    ? `The certificate of ${label} is not trusted (${reason}). Check the address; if the server is your own, give it a valid certificate or use rtmp://.`
    : `No secure connection to ${label} could be made. Check the port (rtmps is usually 443), or use rtmp:// if the server has no encryption.`;
  return new StudioError('network.tls', text, { cause });
}

/** The server closed the connection without a word. */
export function closedFailure(stage: Stage, label: string): StudioError {
  switch (stage) {
    case 'tls':
      return tlsFailure(null, label);
    case 'handshake':
      return new StudioError(
        'rtmp.handshake',
        `${label} closed the connection before RTMP began. Check the port, and whether it needs rtmps://.`,
      );
    case 'session':
      return new StudioError(
        'rtmp.protocol',
        `${label} closed the connection when asked for the application. Check what follows the server name in the address.`,
      );
    case 'publish':
      return new StudioError(
        'rtmp.refused',
        `${label} closed the connection on the stream key. If it does so again, check the key in Destinations.`,
      );
    default:
      return new StudioError('network.reset', `${label} closed the connection.`);
  }
}

export function timeoutFailure(stage: Stage, label: string, waitedMs: number): StudioError {
  const waited = `within ${Math.round(waitedMs / 100) / 10} s`;
  const text: Record<Stage, string> = {
    dns: `The name of ${label} could not be looked up ${waited}. Check that this computer is online, and its name server (DNS).`,
    connect: networkMessage('network.timeout', label),
    tls: `${label} did not complete the secure connection ${waited}. Check the port; rtmps is usually 443.`,
    handshake: `${label} did not answer the RTMP handshake ${waited}. Check the port, and whether it needs rtmps://.`,
    session: `${label} did not answer the request to connect ${waited}. The server may be overloaded.`,
    publish: `${label} did not accept the stream ${waited}. Check the key, or wait: the server may be overloaded.`,
    live: `${label} has fallen silent.`,
  };
  return new StudioError(stage === 'dns' ? 'network.dns' : 'network.timeout', text[stage]);
}

/** What says that the key is wrong or in use; all else may be a server that is full or unwell, which passes. */
const KEY_REJECTED = /^NetStream\.Publish\.(BadName|BadAuth|Denied|Unauthori[sz]ed|Forbidden|NotAllowed|Rejected)$/i;

/** @param statusCode what the server said, such as NetStream.Publish.BadName; shown only in this form, since servers repeat keys in free text */
export function rejectedFailure(stage: 'session' | 'publish', label: string, statusCode: string): StudioError {
  const said = /^Net(Connection|Stream)(\.[A-Za-z]{1,20}){1,3}$/.test(statusCode) ? ` (${statusCode})` : '';
  if (stage === 'session')
    return new StudioError(
      'rtmp.refused',
      `${label} refused the connection${said}. If it does so again, check the server address, above all what follows the server name.`,
    );
  if (!KEY_REJECTED.test(statusCode))
    return new StudioError('rtmp.refused', `${label} did not take the stream${said}. If it does so again, check the key in Destinations.`);
  return new StudioError(
    'rtmp.rejected',
    `${label} refused the stream key${said}. Check the key in Destinations, and that nobody else is streaming with it.`,
  );
}

const CODEC_NAMES = { h264: 'H.264', hevc: 'HEVC', av1: 'AV1', aac: 'AAC', opus: 'Opus' } as const;

/** @param why what the server's reply to connect said of it */
export function codecFailure(
  label: string,
  { codec, track, why }: { codec: keyof typeof CODEC_NAMES; track: number; why: Exclude<Form, 'legacy' | 'extended'> },
): StudioError {
  const what = track === 0 ? CODEC_NAMES[codec] : `a further track of ${CODEC_NAMES[codec]}`;
  const needs = track === 0 ? `it needs ${codec === 'opus' || codec === 'aac' ? 'AAC' : 'H.264'}` : 'it is left out';
  const texts: Record<typeof why, string> = {
    'server-lacks-it': `${label} does not take ${what}: ${needs}.`,
    'server-silent': `${label} does not say that it takes ${what}: ${needs}, unless the destination is set to get Enhanced RTMP always.`,
    declined: `${label} is set to get no Enhanced RTMP, so no ${what}: ${needs}.`,
  };
  return new StudioError('rtmp.codec', texts[why]);
}

export function stalledFailure(label: string): StudioError {
  return new StudioError(
    'rtmp.stalled',
    `${label} takes no more data. The upload is too slow or the connection is dead; Tidecast connects anew.`,
  );
}
