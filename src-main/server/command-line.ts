/** The live server's own command line. */
import { parseArgs } from 'node:util';
import type { ServerOptions } from '../process/server-contract.ts';

export const USAGE = `usage: server --stream NAME --key KEY [--stream NAME --key KEY …]
              [--host ADDRESS] [--rtmp-port PORT] [--http-port PORT] [--metrics-to loopback|all]

  --host       address to listen on; 127.0.0.1 unless given, 0.0.0.0 for the whole network
  --rtmp-port  1935 unless given; 0 picks a free one
  --http-port  8080 unless given; 0 picks a free one
  --metrics-to loopback unless given: who may read /metrics; all for everyone
  --stream     a stream's name; the n-th --key is the key of the n-th --stream`;

/** @returns the options, or what is wrong with the arguments; an empty text asks for the usage alone */
export function parseCommandLine(args: string[]): ServerOptions | string {
  let values: {
    host?: string;
    'rtmp-port'?: string;
    'http-port'?: string;
    stream?: string[];
    key?: string[];
    'metrics-to'?: string;
    help?: boolean;
  };
  try {
    values = parseArgs({
      args,
      options: {
        host: { type: 'string' },
        'rtmp-port': { type: 'string' },
        'http-port': { type: 'string' },
        stream: { type: 'string', multiple: true },
        key: { type: 'string', multiple: true },
        'metrics-to': { type: 'string' },
        help: { type: 'boolean' },
      },
    }).values;
  } catch (error) {
    return (error as Error).message;
  }
  if (values.help) return '';
  const { stream: names = [], key: keys = [] } = values;
  if (names.length === 0 || names.length !== keys.length) return 'Give each --stream a --key.';
  const rtmpPort = parsePort(values['rtmp-port'] ?? '1935');
  const httpPort = parsePort(values['http-port'] ?? '8080');
  if (rtmpPort === null || httpPort === null) return 'A port is a number from 0 to 65535.';
  const metricsTo = values['metrics-to'] ?? 'loopback';
  if (metricsTo !== 'loopback' && metricsTo !== 'all') return 'Metrics are told to loopback or to all.';
  const streams = names.map((name, i) => ({ name, key: keys[i] as string }));
  return { host: values.host ?? '127.0.0.1', rtmpPort, httpPort, streams, metricsTo };
}

function parsePort(text: string): number | null {
  const port = Number(text);
  return /^\d+$/.test(text) && port <= 65_535 ? port : null;
}
