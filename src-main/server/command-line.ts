/** The live server's own command line. */
import { parseArgs } from 'node:util';
import { LADDER_STEPS, LadderChoice } from '../../src-shared/domain/ladder.ts';
import { describeEncoder, VideoEncoderName } from '../../src-shared/domain/video-encoder.ts';
import type { LadderSettings, RecordOptions, ServerOptions } from '../process/server-contract.ts';
import { parseHookUrl } from './access/hook.ts';

const BYTES_PER_GIB = 1_024 ** 3;

export const USAGE = `usage: server --stream NAME --key KEY [--stream NAME --key KEY …] [--play-key NAME=KEY …]
              [--host ADDRESS] [--rtmp-port PORT] [--http-port PORT] [--metrics-to loopback|all] [--metrics-token TOKEN]
              [--ladder off|auto|RUNG[,RUNG…]] [--ladder-encoder auto|ENCODER[,ENCODER…]]
              [--tls-cert FILE --tls-key FILE [--rtmps-port PORT]]
              [--edge NAME=ADDRESS …] [--forward NAME=ADDRESS …]
              [--on-publish URL] [--on-play URL] [--on-second-publisher refuse|take-over]
              [--record DIR [--record-stream NAME …] [--record-max-gib N] [--record-days N]] [--dvr-seconds N]

  --host       address to listen on; 127.0.0.1 unless given, 0.0.0.0 for the whole network
  --rtmp-port  1935 unless given; 0 picks a free one
  --http-port  8080 unless given; 0 picks a free one
  --stream     a stream's name; the n-th --key is the key of the n-th --stream; no keys at all: --on-publish decides
  --metrics-to loopback unless given: who may read /metrics; all for everyone
  --metrics-token
               who shows it (Authorization: Bearer TOKEN) may read /metrics from anywhere, and nobody else
  --edge       a stream that is fetched from another server while somebody watches it here:
               rtmp://host/app/stream, or http://host/live/stream.flv
  --forward    passes a stream on to another server while it is on the air: rtmp://host/app/key
  --ladder     smaller qualities, made while they are watched: up to three by the publisher's size unless given (auto),
               those of 1080p, 720p, 480p, 360p, 240p that are named, or none (off)
  --ladder-encoder
               what makes them, the best first: auto unless given, which tries the machine's encoders when the first viewer
               comes; or FFmpeg's names: h264_nvenc, h264_qsv, h264_amf, h264_vaapi, h264_videotoolbox, h264_mf, libx264
  --play-key   who watches this stream has to give the key, too
  --tls-cert   certificate chain in PEM form, and --tls-key its key: RTMPS beside RTMP, HTTPS in place of HTTP
  --rtmps-port 1936 unless given; 0 picks a free one
  --on-publish, --on-play
               an http or https address that is asked by POST; a 2xx status allows
  --on-second-publisher
               a stream that is being sent: refuse (unless given) or take-over
  --record     keeps every show in this folder, to be watched again; --record-stream: of these streams alone
  --record-max-gib, --record-days
               the oldest shows go when there is more, and those that are older; never one that is on
  --dvr-seconds
               how far back who watches live by HLS may go: 60 unless given; above 128 MiB from the disk alone, with --record,
               at /vod/NAME/latest/dvr.m3u8`;

const OPTIONS = {
  host: { type: 'string' },
  'rtmp-port': { type: 'string' },
  'http-port': { type: 'string' },
  stream: { type: 'string', multiple: true },
  key: { type: 'string', multiple: true },
  'play-key': { type: 'string', multiple: true },
  'tls-cert': { type: 'string' },
  'tls-key': { type: 'string' },
  'rtmps-port': { type: 'string' },
  'on-publish': { type: 'string' },
  'on-play': { type: 'string' },
  'on-second-publisher': { type: 'string' },
  'metrics-to': { type: 'string' },
  'metrics-token': { type: 'string' },
  edge: { type: 'string', multiple: true },
  forward: { type: 'string', multiple: true },
  ladder: { type: 'string' },
  'ladder-encoder': { type: 'string' },
  record: { type: 'string' },
  'record-stream': { type: 'string', multiple: true },
  'record-max-gib': { type: 'string' },
  'record-days': { type: 'string' },
  'dvr-seconds': { type: 'string' },
  help: { type: 'boolean' },
} as const;

type Values = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>['values'];

/** @returns the options, or what is wrong with the arguments; an empty text asks for the usage alone */
export function parseCommandLine(args: string[]): ServerOptions | string {
  try {
    const { values } = parseArgs({ args, options: OPTIONS });
    if (values.help) return '';
    const { host = '127.0.0.1', 'on-publish': onPublish, 'on-play': onPlay, 'on-second-publisher': second = 'refuse' } = values;
    if (second !== 'refuse' && second !== 'take-over') return '--on-second-publisher is refuse or take-over.';
    const metricsTo = values['metrics-to'] ?? 'loopback';
    if (metricsTo !== 'loopback' && metricsTo !== 'all') return 'Metrics are told to loopback or to all.';
    for (const hook of [onPublish, onPlay]) if (hook !== undefined) parseHookUrl(hook);
    return {
      host,
      rtmpPort: parsePort(values['rtmp-port'] ?? '1935'),
      httpPort: parsePort(values['http-port'] ?? '8080'),
      streams: parseStreams(values),
      ...parseTls(values),
      ...(onPublish === undefined ? {} : { onPublish }),
      ...(onPlay === undefined ? {} : { onPlay }),
      edges: parseRelays(values.edge).map(({ name, address }) => ({ name, from: address })),
      forwards: parseRelays(values.forward).map(({ name, address }) => ({ name, to: address })),
      secondPublisher: second,
      metricsTo,
      ...(values['metrics-token'] === undefined ? {} : { metricsToken: values['metrics-token'] }),
      ladder: parseLadder(values),
      record: parseRecord(values),
      ...(values['dvr-seconds'] === undefined ? {} : { dvrSeconds: parsePositive(values['dvr-seconds'], '--dvr-seconds') }),
    };
  } catch (error) {
    return (error as Error).message;
  }
}

function parseLadder({ ladder: text = 'auto', 'ladder-encoder': encoderText = 'auto' }: Values): LadderSettings | null {
  const choice = LadderChoice.safeParse(text === 'off' || text === 'auto' ? text : text.split(','));
  if (!choice.success) throw new RangeError(`A --ladder is off, auto, or some of ${LADDER_STEPS.join(', ')}, with commas between them.`);
  const encoders = encoderText === 'auto' ? encoderText : encoderText.split(',').map(parseEncoder);
  return choice.data === 'off' ? null : { rungs: choice.data, encoders };
}

function parseEncoder(text: string): VideoEncoderName {
  const name = VideoEncoderName.safeParse(text);
  if (name.success && describeEncoder(name.data).codec === 'h264') return name.data;
  const names = VideoEncoderName.options.filter((option) => describeEncoder(option).codec === 'h264');
  throw new RangeError(`A --ladder-encoder is auto, or some of ${names.join(', ')}, with commas between them.`);
}

function parseRelays(texts: string[] = []): { name: string; address: string }[] {
  return texts.map((text) => {
    const at = text.indexOf('=');
    if (at < 1 || at === text.length - 1) throw new RangeError('An --edge or a --forward is NAME=ADDRESS.');
    return { name: text.slice(0, at), address: text.slice(at + 1) };
  });
}

function parseStreams({
  edge: edges = [],
  stream: names = [],
  key: keys = [],
  'play-key': playKeys = [],
  'on-publish': hook,
}: Values): ServerOptions['streams'] {
  const keyless = keys.length === 0 && hook !== undefined;
  if (names.length + edges.length === 0 || (names.length !== keys.length && !keyless)) throw new RangeError('Give each --stream a --key.');
  const byName = new Map(playKeys.map((text) => [text.split('=')[0] as string, text.slice(text.indexOf('=') + 1)]));
  for (const text of playKeys) {
    if (!text.includes('=') || !names.includes(text.split('=')[0] as string))
      throw new RangeError('A --play-key is NAME=KEY of a --stream.');
  }
  return names.map((name, i) => {
    const playKey = byName.get(name);
    return { name, key: keyless ? null : (keys[i] as string), ...(playKey === undefined ? {} : { playKey }) };
  });
}

function parseRecord(values: Values): RecordOptions | null {
  const { record: directory, stream: names = [], 'record-stream': streams, 'record-max-gib': maxGib, 'record-days': days } = values;
  if (directory === undefined) {
    if (streams ?? maxGib ?? days) throw new RangeError('What is to be recorded needs a folder: --record DIR.');
    return null;
  }
  if (directory === '') throw new RangeError('--record is the folder to keep shows in.');
  if (streams?.some((name) => !names.includes(name))) throw new RangeError('A --record-stream is the name of a --stream.');
  return {
    directory,
    ...(streams ? { streams } : {}),
    ...(maxGib === undefined ? {} : { maxBytes: parsePositive(maxGib, '--record-max-gib') * BYTES_PER_GIB }),
    ...(days === undefined ? {} : { keepDays: parsePositive(days, '--record-days') }),
  };
}

function parsePositive(text: string, name: string): number {
  const value = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || value <= 0) throw new RangeError(`${name} is a number above 0.`);
  return value;
}

function parseTls({ 'tls-cert': certFile, 'tls-key': keyFile, 'rtmps-port': port }: Values): Pick<ServerOptions, 'tls'> {
  if (certFile === undefined && keyFile === undefined && port === undefined) return {};
  if (certFile === undefined || keyFile === undefined) throw new RangeError('TLS needs both --tls-cert and --tls-key.');
  return { tls: { certFile, keyFile, rtmpsPort: parsePort(port ?? '1936') } };
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) throw new RangeError('A port is a number from 0 to 65535.');
  return port;
}
