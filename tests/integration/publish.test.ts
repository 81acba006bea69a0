/** The publisher against servers that fail it in every way, on our own wire code so that each can be had on demand. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { ChunkWriter, type RtmpMessage } from '../../src-main/wire/rtmp/chunk.ts';
import { onStatus, reconnectRequest } from '../../src-main/wire/rtmp/command.ts';
import { commandMessage, USER_CONTROL, userControl } from '../../src-main/wire/rtmp/message.ts';
import type { ErrorCode } from '../../src-shared/errors.ts';
import { type Clip, makeClip } from '../support/h264-feed.ts';
import { fromHex } from '../support/hex.ts';
import { QUICK, type Rig, type RigOptions, STREAM_KEY, startRig, waitFor } from '../support/publish-harness.ts';
import { freePort } from '../support/rtmp-peers.ts';
import { type Behaviour, type Received, type ReceiverSession, RtmpReceiver } from '../support/rtmp-receiver.ts';
import { selfSigned } from '../support/self-signed.ts';

let clip: Clip;
beforeAll(async () => {
  clip = await makeClip();
});

const rigs: Rig[] = [];
const receivers: RtmpReceiver[] = [];
afterEach(async () => {
  await Promise.all(rigs.splice(0).map((rig) => rig.stop()));
  await Promise.all(receivers.splice(0).map((receiver) => receiver.kill()));
});

function rigOf(options: RigOptions, show = clip): Rig {
  const rig = startRig(show, options);
  rigs.push(rig);
  return rig;
}

async function receiverOf(behaviour: Behaviour = {}, tls: { key: string; cert: string } | null = null): Promise<RtmpReceiver> {
  const receiver = new RtmpReceiver(tls);
  receiver.behaviour = behaviour;
  receivers.push(receiver);
  await receiver.listen();
  return receiver;
}

/** The bytes of a message that a server may send besides its own. */
const bytesOf = (message: RtmpMessage) => new ChunkWriter().write(message);
const BAD_NAME = bytesOf(commandMessage(onStatus('error', 'NetStream.Publish.BadName', STREAM_KEY), 1));

const pictures = (session: ReceiverSession | undefined) => (session?.received ?? []).filter(isPicture);
const isPicture = (item: Received) => item.kind === 'video' && item.packet === 'nalu';
const times = (session: ReceiverSession | undefined) => pictures(session).map((item) => (item.kind === 'video' ? item.timestampMs : -1));
const expectRising = (values: number[]) => expect(values).toEqual([...new Set(values)].sort((a, b) => a - b));

test('a session: commands, metadata, headers, media, ping, acknowledgement, goodbye', async () => {
  const receiver = await receiverOf({ ackEveryBytes: 20_000 });
  const rig = rigOf({ url: receiver.url });
  await rig.until('live');
  await waitFor(() => pictures(receiver.last).length > 40, 'pictures');
  expect(rig.publisher.stats).toMatchObject({ framesDropped: 0 });
  expect(rig.publisher.stats.bitrateKbps).toBeGreaterThan(100);
  expect(await rig.stop()).toBeLessThan(2_000);
  const session = receiver.last as ReceiverSession;
  await waitFor(() => session.ended, 'the end of the connection');
  expect(session.commands.map(({ name }) => name)).toEqual([
    'connect',
    'releaseStream',
    'FCPublish',
    'createStream',
    'publish',
    'FCUnpublish',
    'deleteStream',
  ]);
  expect(session.commands[0]?.object).toMatchObject({ app: 'live', tcUrl: receiver.url, type: 'nonprivate' });
  expect(session.commands[4]?.args).toEqual([STREAM_KEY, 'live']);
  expect(session.pings).toBe(1);
  const [metadata, video, audio, first] = session.received;
  expect(metadata).toMatchObject({
    kind: 'metadata',
    entries: { width: 320, height: 180, framerate: 30, videocodecid: 7, audiocodecid: 10 },
  });
  expect(video).toMatchObject({ kind: 'video', packet: 'header', data: clip.video.config });
  expect(audio).toMatchObject({ kind: 'audio', packet: 'header', data: clip.audio.config });
  expect(first).toMatchObject({ kind: 'video', packet: 'nalu', key: true, timestampMs: 0 });
  expectRising(times(session));
});

test('a request for a new connection that comes with the consent is followed', async () => {
  const receiver = await receiverOf({ afterPublish: bytesOf(commandMessage(reconnectRequest('/other', ''))) });
  const rig = rigOf({ url: receiver.url });
  await waitFor(() => receiver.sessions.length > 0, 'the first connection');
  receiver.behaviour = {};
  await waitFor(() => pictures(receiver.sessions[1]).length > 5, 'pictures on the second');
  expect(receiver.last?.commands[0]?.object).toMatchObject({ app: 'other' });
  expect(rig.publisher.state).toMatchObject({ phase: 'live', reconnects: 0 });
});

test('a ping that holds more than a time is not answered', async () => {
  const ping = bytesOf(userControl(USER_CONTROL.pingRequest, new Uint8Array(60_000)));
  const receiver = await receiverOf({ afterPublish: ping });
  rigOf({ url: receiver.url });
  await waitFor(() => pictures(receiver.last).length > 10, 'pictures');
  expect(receiver.last?.pings).toBe(1); // to the ordinary one before it
});

test('a changed header in mid-show: metadata and header again, then an IDR', async () => {
  const receiver = await receiverOf();
  const rig = rigOf({ url: receiver.url });
  await waitFor(() => pictures(receiver.last).length > 5, 'pictures');
  rig.publisher.setHeader({ ...clip.video, bitrateKbps: 1 }); // the same configuration: nothing to say
  const other = await makeClip({ widthPx: 640, heightPx: 360 });
  rig.publisher.setHeader(other.video);
  const items = () => receiver.last?.received ?? [];
  const second = () => items().findLastIndex((item) => item.kind === 'video' && item.packet === 'header');
  await waitFor(() => second() > 3 && items().slice(second()).some(isPicture), 'the new header');
  expect(items().filter(({ kind }) => kind === 'metadata')).toHaveLength(2);
  expect(items()[second() - 1]).toMatchObject({ kind: 'metadata', entries: { width: 640, height: 360 } });
  expect(items()[second()]).toMatchObject({ data: other.video.config });
  expect(items().slice(second()).find(isPicture)).toMatchObject({ key: true });
});

describe('what goes wrong is told apart', () => {
  const expectFailure = async (options: RigOptions, code: ErrorCode, phase: 'waiting' | 'stopped', says: RegExp) => {
    const rig = rigOf(options);
    const state = await rig.until(phase);
    expect(state).toMatchObject({ failure: { code, message: expect.stringMatching(says) } });
    const said = JSON.stringify([rig.log, rig.states]);
    expect(said).not.toContain(STREAM_KEY);
    return said;
  };
  const slow = { ...QUICK, backoffFirstMs: 10_000, backoffMaxMs: 10_000, replyTimeoutMs: 300, connectTimeoutMs: 3_000 };

  test('a wrong address stops at once', () => expectFailure({ url: 'http://127.0.0.1/live' }, 'rtmp.bad-url', 'stopped', /rtmp:\/\//));
  test('no stream key stops at once', () =>
    expectFailure({ url: 'rtmp://127.0.0.1/live', streamKey: '' }, 'rtmp.no-key', 'stopped', /enter it again in Destinations/));
  test('an address that holds the key does not show it', () =>
    expectFailure({ url: `ftp://127.0.0.1/live/${STREAM_KEY}` }, 'rtmp.bad-url', 'stopped', /begins with ftp/));

  test('a refused port is tried again', async () => {
    const url = `rtmp://127.0.0.1:${await freePort()}/live`;
    await expectFailure({ url, tuning: slow }, 'network.refused', 'waiting', /port.*server is running/);
  });

  test('a name that cannot be resolved is tried again', () =>
    expectFailure({ url: 'rtmp://tidecast-test.invalid/live', tuning: slow }, 'network.dns', 'waiting', /cannot be found/));

  test.each<[string, Behaviour, ErrorCode, 'waiting' | 'stopped', RegExp]>([
    ['a rejected key', { refusePublish: 'NetStream.Publish.BadName' }, 'rtmp.rejected', 'stopped', /key.*NetStream\.Publish\.BadName/],
    ['a refusal whose code is the key', { refusePublish: STREAM_KEY }, 'rtmp.refused', 'waiting', /key/],
    ['a connection closed on the key', { closeOnPublish: true }, 'rtmp.refused', 'waiting', /key/],
    ['a server that fails', { refusePublish: 'NetStream.Publish.Failed' }, 'rtmp.refused', 'waiting', /NetStream\.Publish\.Failed/],
    ['a rejected application, or too many connections', { refuseConnect: true }, 'rtmp.refused', 'waiting', /address/],
    ['a key refused right after the consent', { afterPublish: BAD_NAME }, 'rtmp.rejected', 'stopped', /key.*BadName/],
    ['a web server', { greeting: 'HTTP/1.1 400 Bad Request\r\n\r\n' }, 'rtmp.handshake', 'waiting', /port/],
    ['silence at the handshake', { silentAt: 'handshake' }, 'network.timeout', 'waiting', /handshake/],
    ['silence at connect', { silentAt: 'connect' }, 'network.timeout', 'waiting', /connect/],
    ['silence at createStream', { silentAt: 'createStream' }, 'network.timeout', 'waiting', /connect/],
    ['silence at publish', { silentAt: 'publish' }, 'network.timeout', 'waiting', /stream/],
  ])('%s', async (_name, behaviour, code, phase, says) => {
    const { url } = await receiverOf(behaviour);
    await expectFailure({ url, tuning: slow }, code, phase, says);
  });
});

describe('RTMPS', () => {
  test('a trusted certificate carries a show; an untrusted one, and none at all, are network.tls', async () => {
    const tls = await selfSigned();
    const receiver = await receiverOf({}, tls);
    const trusting = rigOf({ url: receiver.url, tuning: { ...QUICK, tlsCa: tls.cert } });
    await trusting.until('live');
    await waitFor(() => pictures(receiver.last).length > 10, 'pictures');
    const doubting = rigOf({ url: receiver.url });
    expect(await doubting.until('waiting')).toMatchObject({
      failure: { code: 'network.tls', message: expect.stringMatching(/not trusted.*certificate/) },
    });
    const plain = await receiverOf({ greeting: 'no TLS here' });
    const mistaken = rigOf({ url: plain.url.replace('rtmp:', 'rtmps:') });
    expect(await mistaken.until('waiting')).toMatchObject({ failure: { code: 'network.tls', message: expect.stringMatching(/port/) } });
  });
});

describe('reconnecting', () => {
  test('a server killed and back: headers, then an IDR that was asked for, times rising over both sessions', async () => {
    const receiver = await receiverOf();
    const rig = rigOf({ url: receiver.url });
    await rig.until('live');
    await waitFor(() => pictures(receiver.last).length > 20, 'pictures');
    const asked = rig.idrRequests();
    await receiver.kill();
    expect(await rig.until('waiting')).toMatchObject({ failure: { code: 'network.reset' } });
    await waitFor(
      () => rig.states.some((state) => state.phase === 'waiting' && state.failure.code === 'network.refused'),
      'a refused attempt',
    );
    await receiver.listen();
    expect(await rig.until('live')).toMatchObject({ reconnects: 1 });
    await waitFor(() => pictures(receiver.last).length > 20, 'pictures again');
    expect(rig.idrRequests()).toBeGreaterThan(asked);
    const [before, after] = [receiver.sessions[0] as ReceiverSession, receiver.last as ReceiverSession];
    expect(after.received.slice(0, 4).map((item) => (item.kind === 'metadata' ? item.kind : item.packet))).toEqual([
      'metadata',
      'header',
      'header',
      'nalu',
    ]);
    expect(after.received[3]).toMatchObject({ kind: 'video', key: true });
    expectRising([...times(before), ...times(after)]);
    expect(rig.publisher.stats.framesDropped).toBeGreaterThan(0);
  });

  test('a key rejected after a drop is tried again within the grace, and not beyond it', async () => {
    const receiver = await receiverOf();
    const rig = rigOf({ url: receiver.url, graceMs: 1_000 });
    await rig.until('live');
    receiver.behaviour = { refusePublish: 'NetStream.Publish.BadName' };
    receiver.dropAll();
    await waitFor(
      () => rig.states.some((state) => state.phase === 'waiting' && state.failure.code === 'rtmp.rejected'),
      'a retry of the key',
    );
    expect(await rig.until('stopped')).toMatchObject({ failure: { code: 'rtmp.rejected' } });
  });

  test.each([
    ['no chunk', 'c6 00 00 00'],
    ['no message', '02 000000 000000 04 00000000'],
  ])('a server whose consent is followed by %s is left and tried again', async (_name, hex) => {
    const receiver = await receiverOf({ afterPublish: fromHex(hex) });
    const rig = rigOf({ url: receiver.url });
    await waitFor(() => rig.states.some((state) => state.phase === 'waiting' && state.failure.code === 'rtmp.protocol'), 'rtmp.protocol');
    receiver.behaviour = {};
    await rig.until('live');
    await waitFor(() => pictures(receiver.last).length > 5, 'pictures');
  });

  test('retryNow ends a wait', async () => {
    const receiver = await receiverOf();
    const rig = rigOf({ url: receiver.url, tuning: { ...QUICK, backoffFirstMs: 60_000, backoffMaxMs: 60_000 } });
    await rig.until('live');
    receiver.dropAll();
    await rig.until('waiting');
    rig.publisher.retryNow();
    await rig.until('live', 1_000);
  });
});

describe('a server that stops reading', () => {
  let heavy: Clip;
  beforeAll(async () => {
    heavy = await makeClip({ widthPx: 1280, heightPx: 720, bitrateKbps: 12_000 });
  });

  test('costs another destination nothing, drops to an IDR and is given up as stalled', async () => {
    const [stalled, healthy] = await Promise.all([receiverOf({ stopReading: true }), receiverOf()]);
    const tuning = { ...QUICK, queueMaxMs: 300, stallMs: 2_500 };
    const [stuck, fine] = [rigOf({ url: stalled.url, tuning }, heavy), rigOf({ url: healthy.url, tuning }, heavy)];
    await Promise.all([stuck.until('live'), fine.until('live')]);
    await waitFor(() => stuck.publisher.stats.framesDropped > 0, 'the queue to overflow', 30_000);
    expect(stuck.publisher.stats.queueMs).toBeGreaterThan(300);
    await waitFor(
      () => stuck.states.some((state) => state.phase === 'waiting' && state.failure.code === 'rtmp.stalled'),
      'rtmp.stalled',
      15_000,
    );
    expect(fine.publisher.state).toMatchObject({ phase: 'live', reconnects: 0 });
    expect(fine.publisher.stats.framesDropped).toBe(0);
    expectRising(times(healthy.last));
    await waitFor(() => fine.publisher.stats.framesSent - pictures(healthy.last).length < 15, 'the healthy server to have it all');
  });

  test.each(['rtmp', 'rtmps'])('is told by a reset that the old connection is over, once it answers again, over %s', async (scheme) => {
    const tls = scheme === 'rtmps' ? await selfSigned() : null;
    const receiver = await receiverOf({ stopReading: true, holdMs: 0 }, tls);
    const tuning = { ...QUICK, backoffFirstMs: 1_000, queueMaxMs: 300, stallMs: 1_500, tlsCa: tls?.cert ?? null };
    const rig = rigOf({ url: receiver.url, tuning }, heavy);
    await rig.until('live');
    receiver.behaviour = { holdMs: 0 };
    const [old] = receiver.sessions as [ReceiverSession];
    const errors: (string | undefined)[] = [];
    old.socket.on('error', ({ code }: NodeJS.ErrnoException) => errors.push(code));
    await waitFor(() => rig.states.some(({ phase }) => phase === 'waiting'), 'the stall', 30_000);
    old.socket.resume();
    await rig.until('live');
    expect(errors).toEqual(['ECONNRESET']);
    const failures = rig.states.flatMap((state) => (state.phase === 'waiting' ? [state.failure.code] : []));
    expect([...new Set(failures)]).toEqual(['rtmp.stalled']);
  });

  test('does not hold up a stop', async () => {
    const { url } = await receiverOf({ stopReading: true });
    const rig = rigOf({ url, tuning: { ...QUICK, queueMaxMs: 300, stallMs: 60_000 } }, heavy);
    await rig.until('live');
    await waitFor(() => rig.publisher.stats.framesDropped > 0, 'the queue to overflow', 30_000);
    expect(await rig.stop()).toBeLessThan(2_000);
    expect(rig.publisher.state).toEqual({ phase: 'stopped', failure: null });
  });
});

describe('stop ends within 2 s', () => {
  test.each<Behaviour['silentAt']>(['handshake', 'connect', 'createStream', 'publish'])(
    'while the server is silent at %s',
    async (silentAt) => {
      const receiver = await receiverOf({ silentAt });
      const rig = rigOf({ url: receiver.url });
      await waitFor(() => receiver.sessions.length > 0, 'the connection');
      await sleep(100);
      expect(rig.publisher.state.phase).toBe('connecting');
      expect(await rig.stop()).toBeLessThan(2_000);
      await waitFor(() => receiver.last?.ended === true, 'the connection to close');
      expect(rig.publisher.state).toEqual({ phase: 'stopped', failure: null });
    },
  );

  test('before the start, in a wait, twice, and after the end', async () => {
    const rig = rigOf({
      url: `rtmp://127.0.0.1:${await freePort()}/live`,
      tuning: { ...QUICK, backoffFirstMs: 60_000, backoffMaxMs: 60_000 },
    });
    await rig.until('waiting');
    expect(await rig.stop()).toBeLessThan(2_000);
    await rig.publisher.stop();
    rig.publisher.start();
    rig.publisher.retryNow();
    expect(rig.publisher.state).toEqual({ phase: 'stopped', failure: null });
  });
});
