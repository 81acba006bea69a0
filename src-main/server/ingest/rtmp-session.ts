/**
 * What is said on an RTMP connection: connect, createStream, then publish with a key, or play.
 * @see Adobe RTMP specification 1.0, 7.2
 */
import { type AmfObject, asObject } from '../../wire/amf0.ts';
import { parseMetadata } from '../../wire/flv.ts';
import type { RtmpMessage } from '../../wire/rtmp/chunk.ts';
import { type Command, onStatus } from '../../wire/rtmp/command.ts';
import { isReporting, REPORT_PROPERTIES } from '../../wire/rtmp/delivery-report.ts';
import { forwarderProperties, isEnhancedClient } from '../../wire/rtmp/enhanced.ts';
import {
  BANDWIDTH_LIMIT,
  type Body,
  commandMessage,
  setChunkSize,
  setPeerBandwidth,
  streamBegin,
  windowAckSize,
} from '../../wire/rtmp/message.ts';
import type { Hub } from '../hub/hub.ts';
import type { PublisherLease, Viewer } from '../hub/live-stream.ts';
import { parseTrackChoice } from '../hub/track-streams.ts';
import type { ServerLimits } from '../limits.ts';
import { RtmpSink } from '../out/rtmp-sink.ts';
import { parsePlayPath, STREAM_NAME, type StreamKeys } from '../stream-keys.ts';
import type { RtmpConnection, Session } from './rtmp-connection.ts';

export interface SessionContext {
  hub: Hub;
  keys: StreamKeys;
  limits: ServerLimits;
}

/** the one application of this server: rtmp://host:port/live */
export const APP = 'live';
const WINDOW_BYTES = 2_500_000;
const CHUNK_BYTES = 65_536;
const MESSAGE_STREAMS_MAX = 8;

export class RtmpSession implements Session {
  readonly #connection: RtmpConnection;
  readonly #context: SessionContext;
  #connected = false;
  /** the client has asked to be told what arrives */
  #wantsReports = false;
  #messageStreams = 0;
  #lease: PublisherLease | null = null;
  #viewer: Viewer | null = null;

  constructor(connection: RtmpConnection, context: SessionContext) {
    this.#connection = connection;
    this.#context = context;
  }

  onMessage(body: Body, message: RtmpMessage): void {
    if (body.kind === 'command') this.#command(body.command, message.streamId);
    else if (body.kind === 'video' || body.kind === 'audio') this.#lease?.media(body.kind, message.timestampMs, body.data);
    else if (body.kind === 'data' && this.#lease) {
      const metadata = parseMetadata(body.data);
      if (metadata) this.#lease.metadata(metadata);
    }
  }

  onDrain(): void {
    this.#viewer?.pump();
  }

  onClose(): void {
    this.#lease?.release();
    this.#viewer?.leave();
    this.#lease = null;
    this.#viewer = null;
  }

  #command(command: Command, streamId: number): void {
    if (command.name === 'connect') return this.#connect(command);
    if (!this.#connected) return this.#connection.end();
    switch (command.name) {
      case 'createStream':
        return this.#createStream(command);
      case 'releaseStream':
      case 'FCPublish':
        return this.#result(command, undefined);
      case 'publish':
        return this.#publish(playPathOf(command), streamId);
      case 'play':
        return this.#play(playPathOf(command), streamId);
      case 'FCUnpublish':
        return this.#result(command, undefined);
      case 'deleteStream':
      case 'closeStream':
        if (this.#lease || this.#viewer) this.#connection.awaitCommand();
        return this.onClose();
      default: // _checkbw, getStreamLength and the like: no client waits for an answer to these
    }
  }

  #connect(command: Command): void {
    const app = asObject(command.object)?.app;
    if (typeof app !== 'string' || app.replace(/\/+$/, '').replace(/\?.*$/s, '') !== APP) {
      const info = { level: 'error', code: 'NetConnection.Connect.Rejected', description: `This server has one application: ${APP}.` };
      this.#reply({ name: '_error', transactionId: command.transactionId, object: null, args: [info] });
      return this.#connection.end();
    }
    this.#connected = true;
    this.#wantsReports = isReporting(command);
    this.#connection.send(windowAckSize(WINDOW_BYTES), setPeerBandwidth(WINDOW_BYTES, BANDWIDTH_LIMIT.dynamic), setChunkSize(CHUNK_BYTES));
    const reports = this.#wantsReports ? REPORT_PROPERTIES : {};
    const enhanced = isEnhancedClient(command) ? forwarderProperties() : {};
    const properties: AmfObject = { fmsVer: 'FMS/3,0,1,123', capabilities: 31, ...reports, ...enhanced };
    const info: AmfObject = { level: 'status', code: 'NetConnection.Connect.Success', description: 'Connected.', objectEncoding: 0 };
    this.#reply({ name: '_result', transactionId: command.transactionId, object: properties, args: [info] });
  }

  #createStream(command: Command): void {
    this.#messageStreams += 1;
    if (this.#messageStreams > MESSAGE_STREAMS_MAX) return this.#connection.end();
    this.#result(command, this.#messageStreams);
  }

  #publish(playPath: string, streamId: number): void {
    const { hub, keys, limits } = this.#context;
    if (this.#lease || this.#viewer) return this.#refuse(streamId, 'NetStream.Publish.BadName', 'This connection is in use already.');
    const name = keys.authorise(playPath);
    const stream = name === null ? null : hub.stream(name);
    if (!stream) return this.#refuse(streamId, 'NetStream.Publish.Unauthorized', 'The stream key is wrong. Check it, then publish again.');
    const lease = stream.publish({ dismiss: () => this.#connection.socket.destroy() });
    if (!lease)
      return this.#refuse(streamId, 'NetStream.Publish.BadName', 'Another encoder is publishing this stream. Stop it, then publish again.');
    this.#lease = lease;
    this.#connection.trust(limits.publisherSilentMs);
    if (this.#wantsReports) this.#connection.report();
    this.#connection.send(streamBegin(streamId));
    this.#status(streamId, 'status', 'NetStream.Publish.Start', 'Publishing.');
  }

  #play(playPath: string, streamId: number): void {
    const { hub, limits } = this.#context;
    const { name, query } = parsePlayPath(playPath);
    const choice = parseTrackChoice(query);
    const stream = choice && STREAM_NAME.test(name) ? hub.stream(name)?.choose(choice) : null;
    if (this.#lease || this.#viewer) return this.#refuse(streamId, 'NetStream.Play.Failed', 'This connection is in use already.');
    if (!stream) return this.#refuse(streamId, 'NetStream.Play.StreamNotFound', 'There is no stream of this name.');
    if (hub.viewers >= limits.viewersMax)
      return this.#refuse(streamId, 'NetStream.Play.Failed', 'This server has as many viewers as it takes.');
    this.#connection.trust(0);
    this.#connection.send(streamBegin(streamId));
    this.#status(streamId, 'status', 'NetStream.Play.Reset', 'Starting over.');
    this.#status(streamId, 'status', 'NetStream.Play.Start', 'Playing.');
    this.#viewer = stream.watch(new RtmpSink(this.#connection.socket, this.#connection.writer, streamId));
  }

  #refuse(streamId: number, code: string, description: string): void {
    this.#status(streamId, 'error', code, description);
    this.#connection.end();
  }

  #status(streamId: number, level: 'status' | 'error', code: string, description: string): void {
    this.#reply(onStatus(level, code, description), streamId);
  }

  #result({ transactionId }: Command, value: number | undefined): void {
    this.#reply({ name: '_result', transactionId, object: null, args: [value] });
  }

  #reply(command: Command, streamId = 0): void {
    this.#connection.send(commandMessage(command, streamId));
  }
}

function playPathOf(command: Command): string {
  const [playPath] = command.args;
  return typeof playPath === 'string' ? playPath : '';
}
