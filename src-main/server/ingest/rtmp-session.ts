/**
 * What is said on an RTMP connection: connect, then for each stream of it createStream and publish with a key, or play.
 * @see Adobe RTMP specification 1.0, 7.2
 */
import type { AmfObject } from '../../wire/amf0.ts';
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
import { type Access, APP, type Peer, type Refusal, type Verdict } from '../access/access.ts';
import type { AddressLimits } from '../access/address-limits.ts';
import { parsePlayPath } from '../access/stream-keys.ts';
import type { Hub } from '../hub/hub.ts';
import type { PublisherLease } from '../hub/publisher.ts';
import { parseTrackChoice } from '../hub/track-streams.ts';
import type { ServerLimits } from '../limits.ts';
import { RtmpSink } from '../out/rtmp-sink.ts';
import { type Downstream, LOOP_CODE, NO_VIA, type Via, viaProblem } from '../relay/via.ts';
import { parseConnect } from './connect-command.ts';
import { parseMetadataSafely } from './metadata.ts';
import type { RtmpConnection, Session } from './rtmp-connection.ts';

export interface SessionContext {
  hub: Hub;
  access: Access;
  addresses: AddressLimits;
  limits: ServerLimits;
}

const WINDOW_BYTES = 2_500_000;
const CHUNK_BYTES = 65_536;
/** streams of one connection: OBS opens two or three */
const MESSAGE_STREAMS_MAX = 8;
/** on a connection that has other streams; one that has none is closed at the first */
const REFUSALS_MAX = 8;

/** One stream of the connection, by its message stream id. */
interface Active {
  lease: PublisherLease | null;
  /** the socket has room again */
  pump(): void;
  end(): void;
}

const REFUSAL: Record<Refusal, string> = {
  'not-found': 'There is no stream of this name.',
  'wrong-key': 'The stream key is wrong. Check it, then try again.',
  hook: 'The server’s operator has not allowed this.',
  busy: 'Too many ask for this at once. Try again in a moment.',
  'locked-out': 'Too many wrong keys came from this address. Wait a minute, then try again.',
};

export class RtmpSession implements Session {
  readonly #connection: RtmpConnection;
  readonly #context: SessionContext;
  #peer: Peer | null = null;
  #via: Via = NO_VIA;
  /** the client has asked to be told what arrives */
  #wantsReports = false;
  #lastStreamId = 0;
  /** made by createStream and not yet deleted */
  readonly #created = new Set<number>();
  readonly #active = new Map<number, Active>();
  #refusals = 0;
  #closed = false;

  constructor(connection: RtmpConnection, context: SessionContext) {
    this.#connection = connection;
    this.#context = context;
  }

  onMessage(body: Body, message: RtmpMessage): void {
    if (body.kind === 'command') this.#command(body.command, message.streamId);
    else if (body.kind === 'video' || body.kind === 'audio')
      this.#leaseOf(message.streamId)?.media(body.kind, message.timestampMs, body.data);
    else if (body.kind === 'data') {
      const lease = this.#leaseOf(message.streamId);
      const metadata = lease && parseMetadataSafely(body.data);
      if (lease && metadata) lease.metadata(metadata);
    }
  }

  onDrain(): void {
    for (const active of this.#active.values()) active.pump();
  }

  onClose(): void {
    this.#closed = true;
    for (const id of [...this.#active.keys()]) this.#leave(id);
  }

  /** Some senders give their media another stream's number, or none: with one publication it can only be that. */
  #leaseOf(streamId: number): PublisherLease | null {
    const own = this.#active.get(streamId)?.lease;
    if (own) return own;
    const leases = [...this.#active.values()].flatMap(({ lease }) => lease ?? []);
    return leases.length === 1 ? (leases[0] as PublisherLease) : null;
  }

  #command(command: Command, streamId: number): void {
    if (command.name === 'connect') return this.#connect(command);
    if (!this.#peer) return this.#connection.end();
    switch (command.name) {
      case 'createStream':
        return this.#createStream(command);
      case 'releaseStream':
      case 'FCUnpublish':
        return this.#result(command, undefined);
      case 'FCPublish':
        return this.#fcPublish(command);
      case 'publish':
        return command.args[0] === false ? this.#unpublish(streamId) : this.#publish(textOf(command.args[0]), streamId, this.#peer);
      case 'play':
        return this.#play(textOf(command.args[0]), streamId, this.#peer);
      case 'deleteStream':
        return this.#delete(typeof command.args[0] === 'number' ? command.args[0] : streamId);
      case 'closeStream':
        return this.#stop(streamId);
      default: // _checkbw, getStreamLength and the like: no client waits for an answer to these
    }
  }

  #connect(command: Command): void {
    const { app, tcUrl, flashVersion, via } = parseConnect(command);
    const circle = viaProblem(via, this.#context.hub.id);
    if (app !== APP || circle !== null) {
      const code = circle === null ? 'NetConnection.Connect.Rejected' : LOOP_CODE;
      const info = { level: 'error', code, description: circle ?? `This server has one application: ${APP}.` };
      this.#reply({ name: '_error', transactionId: command.transactionId, object: null, args: [info] });
      return this.#connection.end();
    }
    this.#via = via;
    const { address, isEncrypted } = this.#connection;
    this.#peer = { address, protocol: isEncrypted ? 'rtmps' : 'rtmp', tcUrl, flashVersion };
    this.#wantsReports = isReporting(command);
    this.#connection.send(windowAckSize(WINDOW_BYTES), setPeerBandwidth(WINDOW_BYTES, BANDWIDTH_LIMIT.dynamic), setChunkSize(CHUNK_BYTES));
    const reports = this.#wantsReports ? REPORT_PROPERTIES : {};
    const enhanced = isEnhancedClient(command) ? forwarderProperties() : {};
    const properties: AmfObject = { fmsVer: 'FMS/3,0,1,123', capabilities: 31, ...reports, ...enhanced };
    const info: AmfObject = { level: 'status', code: 'NetConnection.Connect.Success', description: 'Connected.', objectEncoding: 0 };
    this.#reply({ name: '_result', transactionId: command.transactionId, object: properties, args: [info] });
  }

  #createStream(command: Command): void {
    if (this.#created.size >= MESSAGE_STREAMS_MAX) return this.#connection.end();
    this.#lastStreamId += 1;
    this.#created.add(this.#lastStreamId);
    this.#result(command, this.#lastStreamId);
  }

  /** No part of the specification; some clients wait for the second reply, and look for their transaction in it. */
  #fcPublish(command: Command): void {
    this.#result(command, undefined);
    const info = { level: 'status', code: 'NetStream.Publish.Start', description: 'Publishing may begin.' };
    this.#reply({ name: 'onFCPublish', transactionId: command.transactionId, object: null, args: [info] });
  }

  #publish(playPath: string, streamId: number, peer: Peer): void {
    if (this.#isTaken(streamId)) return this.#refuse(streamId, 'NetStream.Publish.BadName', 'This stream is in use already.');
    this.#whenDecided(this.#context.access.publish(playPath, peer), (verdict) => {
      const stream = verdict.allowed ? this.#context.hub.stream(verdict.stream) : null;
      if (!verdict.allowed) return this.#refuse(streamId, 'NetStream.Publish.Unauthorized', REFUSAL[verdict.reason]);
      const lease = stream?.publish({ dismiss: () => this.#dismissed(streamId) });
      if (!lease)
        return this.#refuse(
          streamId,
          'NetStream.Publish.BadName',
          'Another encoder is publishing this stream. Stop it, then publish again.',
        );
      if (stream) stream.publishedVia = this.#via;
      this.#active.set(streamId, { lease, pump: () => {}, end: () => lease.release() });
      if (this.#wantsReports) this.#connection.report();
      this.#started(streamId);
      this.#status(streamId, 'status', 'NetStream.Publish.Start', 'Publishing.');
    });
  }

  #play(playPath: string, streamId: number, peer: Peer): void {
    const { name, key, query } = parsePlayPath(playPath);
    if (this.#isTaken(streamId)) return this.#refuse(streamId, 'NetStream.Play.Failed', 'This stream is in use already.');
    this.#whenDecided(this.#context.access.play(name, key, peer), (verdict) => {
      const { hub, addresses, limits } = this.#context;
      const choice = parseTrackChoice(query);
      const source = verdict.allowed && choice ? hub.stream(verdict.stream) : null;
      const stream = choice && source?.choose(choice);
      if (!verdict.allowed && verdict.reason !== 'not-found')
        return this.#refuse(streamId, 'NetStream.Play.Failed', REFUSAL[verdict.reason]);
      if (!stream) return this.#refuse(streamId, 'NetStream.Play.StreamNotFound', REFUSAL['not-found']);
      const circle = viaProblem(this.#via, hub.id, source?.origin?.hopsMax);
      if (circle !== null) return this.#refuse(streamId, LOOP_CODE, circle);
      const leavePlace = hub.viewers < limits.viewersMax ? addresses.takeViewer(peer.address, performance.now()) : null;
      if (!leavePlace) return this.#refuse(streamId, 'NetStream.Play.Failed', 'This server has as many viewers as it takes.');
      const reserved: Active = { lease: null, pump: () => {}, end: leavePlace };
      this.#active.set(streamId, reserved);
      this.#started(streamId);
      this.#status(streamId, 'status', 'NetStream.Play.Reset', 'Starting over.');
      this.#status(streamId, 'status', 'NetStream.Play.Start', 'Playing.');
      const downstream: Downstream = { via: this.#via, letGo: () => this.#over(streamId) };
      if (this.#via.hops > 0) source?.downstream.add(downstream);
      const viewer = stream.watch(new RtmpSink(this.#connection.socket, this.#connection.writer, streamId, () => this.#over(streamId)));
      reserved.pump = () => viewer.pump();
      reserved.end = () => {
        source?.downstream.delete(downstream);
        viewer.leave();
        leavePlace();
      };
    });
  }

  #isTaken(streamId: number): boolean {
    return this.#active.has(streamId) || this.#active.size >= MESSAGE_STREAMS_MAX;
  }

  /** While a hook is asked, what the client sends behind its question waits. */
  #whenDecided(verdict: Verdict | Promise<Verdict>, act: (verdict: Verdict) => void): void {
    if (!(verdict instanceof Promise)) return act(verdict);
    this.#connection.holdUntil(
      verdict.then((decided) => {
        if (!this.#closed) act(decided);
      }),
    );
  }

  #started(streamId: number): void {
    this.#setPatience();
    this.#connection.send(streamBegin(streamId));
  }

  /** A publisher has something to say, a viewer has not; who is neither holds its place for a short time only. */
  #setPatience(): void {
    const publishes = [...this.#active.values()].some(({ lease }) => lease !== null);
    if (this.#active.size === 0) this.#connection.awaitCommand();
    else this.#connection.trust(publishes ? this.#context.limits.publisherSilentMs : 0);
  }

  /** Another publisher took the stream, or it is no longer served. */
  #dismissed(streamId: number): void {
    if (this.#active.size <= 1) return void this.#connection.socket.destroy();
    this.#leave(streamId);
    this.#status(streamId, 'error', 'NetStream.Publish.BadName', 'Another encoder has taken this stream, or it is served no more.');
  }

  /** Nothing more comes on this stream; others of the connection go on. */
  #over(streamId: number): void {
    if (this.#active.size <= 1) return void this.#connection.socket.end();
    this.#leave(streamId);
    this.#status(streamId, 'status', 'NetStream.Play.UnpublishNotify', 'The stream is over.');
  }

  /** `publish(false)`: the stream stays open for another publication. */
  #unpublish(streamId: number): void {
    if (!this.#active.get(streamId)?.lease) return;
    this.#stop(streamId);
    this.#status(streamId, 'status', 'NetStream.Unpublish.Success', 'Publishing has ended.');
  }

  #delete(streamId: number): void {
    this.#created.delete(streamId);
    this.#stop(streamId);
  }

  #stop(streamId: number): void {
    if (!this.#active.has(streamId)) return;
    this.#leave(streamId);
    this.#setPatience();
  }

  #leave(streamId: number): void {
    const active = this.#active.get(streamId);
    this.#active.delete(streamId);
    active?.end();
  }

  #refuse(streamId: number, code: string, description: string): void {
    this.#status(streamId, 'error', code, description);
    this.#refusals += 1;
    if (this.#active.size === 0 || this.#refusals >= REFUSALS_MAX) this.#connection.end();
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

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
