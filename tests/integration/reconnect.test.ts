/** What the publisher does when servers go, come back, refuse, or send it elsewhere. */
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { MediaPacket } from '../../src-main/process/packet.ts';
import { type Clip, makeClip } from '../support/h264-feed.ts';
import { growthBytes, liveHeapBytes } from '../support/heap-growth.ts';
import { QUICK, type Rig, type RigOptions, STREAM_KEY, startRig, waitFor } from '../support/publish-harness.ts';
import { freePort } from '../support/rtmp-peers.ts';
import { type Behaviour, type Received, type ReceiverSession, RtmpReceiver } from '../support/rtmp-receiver.ts';

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

function rigOf(options: RigOptions): Rig {
  const rig = startRig(clip, options);
  rigs.push(rig);
  return rig;
}

async function receiverOf(behaviour: Behaviour = {}): Promise<RtmpReceiver> {
  const receiver = new RtmpReceiver();
  receiver.behaviour = behaviour;
  receivers.push(receiver);
  await receiver.listen();
  return receiver;
}

type Picture = Received & { kind: 'video' };
const isPicture = (item: Received): item is Picture => item.kind === 'video' && item.packet === 'nalu';
const pictures = (session: ReceiverSession | undefined) => (session?.received ?? []).filter(isPicture);
const publishing = (receiver: RtmpReceiver) => receiver.sessions.filter((session) => session.publishing);
const phases = (rig: Rig) => rig.states.map(({ phase }) => phase);

/** The second session goes on where the first ended: no picture lost, none twice. */
function expectSeamless(before: ReceiverSession | undefined, after: ReceiverSession | undefined): void {
  const [old, fresh] = [pictures(before), pictures(after)];
  const stepMs = (fresh[0]?.timestampMs ?? Number.NaN) - (old.at(-1)?.timestampMs ?? Number.NaN);
  expect(stepMs).toBeGreaterThan(0);
  expect(stepMs).toBeLessThan(50);
  expect(fresh[0]?.key).toBe(true);
}

/** A back-off so long that whatever happens soon does not happen by it. */
const PATIENT = { ...QUICK, backoffFirstMs: 60_000, backoffMaxMs: 60_000 };

describe('a server that is not there', () => {
  test('is looked for, and tried as soon as its port answers, at the first publish too', async () => {
    const receiver = await receiverOf();
    await receiver.kill();
    const rig = rigOf({ url: receiver.url, tuning: PATIENT });
    expect(await rig.until('waiting')).toMatchObject({ failure: { code: 'network.refused' } });
    await receiver.listen();
    await rig.until('live', 2_000);
    expect(phases(rig)).toEqual(['connecting', 'waiting', 'connecting', 'live']);
    expect(publishing(receiver)).toHaveLength(1);
  });

  test('and one whose connection went dead without a word is found again without a wait', async () => {
    const receiver = await receiverOf({ stopReading: true });
    const heavy = await makeClip({ widthPx: 1_280, heightPx: 720, bitrateKbps: 12_000 });
    const rig = startRig(heavy, { url: receiver.url, tuning: { ...PATIENT, stallMs: 1_000, stableMs: 500 } });
    rigs.push(rig);
    await rig.until('live');
    receiver.behaviour = {};
    await waitFor(
      () => rig.states.some((state) => state.phase === 'waiting' && state.failure.code === 'rtmp.stalled'),
      'the stall',
      20_000,
    );
    await rig.until('live', 2_000);
    await waitFor(() => pictures(receiver.last).length > 5, 'pictures again');
  }, 30_000);
});

describe('primary and backup', () => {
  test('the primary goes: the backup at once; it comes back: over to it without a break', async () => {
    const [primary, backup] = await Promise.all([receiverOf(), receiverOf()]);
    const rig = rigOf({ url: primary.url, backupUrl: backup.url, tuning: { ...QUICK, stableMs: 300 } });
    await rig.until('live');
    await waitFor(() => pictures(primary.last).length > 20, 'pictures');
    await primary.kill();
    await waitFor(() => pictures(backup.last).length > 10, 'pictures at the backup');
    expect(rig.publisher.state).toMatchObject({ phase: 'live', ingest: 'backup', reconnects: 1 });
    expect(phases(rig)).toEqual(['connecting', 'live', 'failing-over', 'live']);
    const dropped = rig.publisher.stats.framesDropped;
    await primary.listen();
    await waitFor(() => rig.publisher.state.phase === 'live' && rig.publisher.state.ingest === 'primary', 'the return');
    await waitFor(() => pictures(primary.last).length > 10, 'pictures at the primary');
    expectSeamless(backup.last, primary.last);
    expect(rig.publisher.stats.framesDropped).toBe(dropped);
    await waitFor(() => backup.last?.ended === true, 'the goodbye to the backup');
    expect(backup.last?.commands.at(-1)?.name).toBe('deleteStream');
  });

  test('a first connect goes to the backup when the primary is not there, and back later', async () => {
    const [primary, backup] = await Promise.all([receiverOf(), receiverOf()]);
    await primary.kill();
    const rig = rigOf({ url: primary.url, backupUrl: backup.url });
    await rig.until('live');
    expect(rig.publisher.state).toMatchObject({ ingest: 'backup', reconnects: 0 });
    await primary.listen();
    await waitFor(() => pictures(primary.last).length > 0, 'the return');
  });

  test('the backup goes while the primary is still away: each is looked for', async () => {
    const [primary, backup] = await Promise.all([receiverOf(), receiverOf()]);
    const rig = rigOf({ url: primary.url, backupUrl: backup.url, tuning: { ...PATIENT, stableMs: 100 } });
    await rig.until('live');
    await waitFor(() => pictures(primary.last).length > 10, 'pictures');
    await primary.kill();
    await waitFor(() => pictures(backup.last).length > 10, 'pictures at the backup');
    await backup.kill();
    await rig.until('waiting');
    await primary.listen();
    await rig.until('live', 2_000); // the backup's reset has the back-off before it, the primary's silence has not
    expect(rig.publisher.state).toMatchObject({ ingest: 'primary' });
  });

  test('a backup with a bad address costs nothing but itself', async () => {
    const primary = await receiverOf();
    const rig = rigOf({ url: primary.url, backupUrl: 'http://nowhere' });
    await rig.until('live');
    expect(rig.log.join()).toMatch(/backup is left out/);
    primary.dropAll();
    await waitFor(() => primary.sessions.length === 2, 'the reconnect');
    expect(phases(rig)).not.toContain('failing-over');
  });
});

test('a server that still holds the old session refuses the key for a while: tried again until it lets go', async () => {
  const receiver = await receiverOf({ holdMs: 600 });
  const rig = rigOf({ url: receiver.url });
  await rig.until('live');
  await waitFor(() => pictures(receiver.last).length > 5, 'pictures');
  receiver.dropAll();
  await waitFor(() => rig.states.some((state) => state.phase === 'waiting' && state.failure.code === 'rtmp.rejected'), 'the refusal');
  const refused = rig.states.find((state) => state.phase === 'waiting' && state.failure.code === 'rtmp.rejected');
  expect(refused).toMatchObject({ graceUntilUs: expect.any(Number) });
  await waitFor(() => rig.publisher.state.phase === 'live' && rig.publisher.state.reconnects === 1, 'the reconnect');
  expect(publishing(receiver).filter(({ ended }) => !ended)).toHaveLength(1);
});

describe('a server that asks for a new connection', () => {
  const moved = { ...QUICK, stableMs: 100 };

  test('elsewhere: made beside the old one, gone over to at an IDR, the old one ended in order', async () => {
    const [old, other] = await Promise.all([receiverOf(), receiverOf()]);
    const rig = rigOf({ url: old.url, tuning: moved });
    await rig.until('live');
    expect(old.last?.commands[0]?.object).toMatchObject({ capsEx: 1 });
    await waitFor(() => pictures(old.last).length > 20, 'pictures');
    old.last?.requestReconnect(other.url);
    await waitFor(() => pictures(other.last).length > 20, 'pictures at the other');
    expectSeamless(old.last, other.last);
    expect(rig.log.join()).toContain(`127.0.0.1:${other.port}`);
    await waitFor(() => old.last?.ended === true, 'the goodbye to the old one');
    expect(old.last?.commands.at(-1)?.name).toBe('deleteStream');
    expect(phases(rig)).toEqual(['connecting', 'live', 'live']);
    expect(rig.publisher.stats.framesDropped).toBe(0);
    expect(rig.publisher.state).toMatchObject({ reconnects: 0 });
    other.dropAll(); // a later break leads back to the address that the user gave
    await waitFor(() => old.sessions.length === 2 && pictures(old.last).length > 0, 'the first server again');
  });

  test('to the same address, and to one relative to it', async () => {
    const receiver = await receiverOf();
    const rig = rigOf({ url: receiver.url, tuning: moved });
    await rig.until('live');
    for (const [i, tcUrl] of ['', '/other'].entries()) {
      await waitFor(() => pictures(receiver.sessions[i]).length > 10, 'pictures');
      receiver.sessions[i]?.requestReconnect(tcUrl);
      await waitFor(() => pictures(receiver.sessions[i + 1]).length > 0, 'the new connection');
      expectSeamless(receiver.sessions[i], receiver.sessions[i + 1]);
    }
    expect(receiver.last?.commands[0]?.object).toMatchObject({ app: 'other' });
  });

  test('again and again before an IDR: there is one successor at most, and nothing is open after the stop', async () => {
    const receiver = await receiverOf();
    let hasIdr = true;
    const warp = (packet: MediaPacket): MediaPacket => (packet.kind === 'video' && !hasIdr ? { ...packet, key: false } : packet);
    const rig = rigOf({ url: receiver.url, tuning: { ...moved, backoffFirstMs: 10, backoffMaxMs: 10 }, warp });
    await rig.until('live');
    await waitFor(() => pictures(receiver.last).length > 10, 'pictures');
    hasIdr = false;
    for (let i = 1; i <= 4; i += 1) {
      await waitFor(() => publishing(receiver).length === i, `session ${i}`);
      receiver.last?.requestReconnect();
    }
    await waitFor(() => publishing(receiver).length === 5, 'the last session');
    await waitFor(() => publishing(receiver).filter(({ ended }) => !ended).length === 2, 'the old successors to end');
    hasIdr = true;
    await waitFor(() => pictures(receiver.last).length > 10, 'pictures at the last');
    hasIdr = false;
    receiver.last?.requestReconnect();
    await waitFor(() => publishing(receiver).length === 6, 'a successor');
    await rig.stop();
    await waitFor(() => receiver.sessions.every(({ ended }) => ended), 'every connection to end', 1_000);
  });

  test('a successor that ends before its first IDR: the show stays where it was, and goes over with the next', async () => {
    const receiver = await receiverOf();
    let hasIdr = true;
    const warp = (packet: MediaPacket): MediaPacket => (packet.kind === 'video' && !hasIdr ? { ...packet, key: false } : packet);
    const rig = rigOf({ url: receiver.url, tuning: moved, warp });
    await rig.until('live');
    await waitFor(() => pictures(receiver.last).length > 10, 'pictures');
    hasIdr = false;
    const [first] = receiver.sessions;
    first?.requestReconnect();
    await waitFor(() => publishing(receiver).length === 2, 'a successor');
    receiver.last?.socket.destroy();
    await waitFor(() => publishing(receiver).length === 3, 'the next successor');
    expect(first?.ended).toBe(false);
    hasIdr = true;
    await waitFor(() => pictures(receiver.last).length > 10, 'pictures at the next');
    expectSeamless(first, receiver.last);
    expect(rig.publisher.stats.framesDropped).toBe(0);
    expect(phases(rig)).not.toContain('waiting');
    expect(rig.publisher.state).toMatchObject({ phase: 'live', reconnects: 0 });
  });

  test('to where nothing is: the show stays where it was', async () => {
    const receiver = await receiverOf();
    const rig = rigOf({ url: receiver.url, tuning: moved });
    await rig.until('live');
    await waitFor(() => pictures(receiver.last).length > 10, 'pictures');
    receiver.last?.requestReconnect(`rtmp://127.0.0.1:${await freePort()}/live`);
    receiver.last?.requestReconnect('verySecretKey://example.com/');
    const before = pictures(receiver.last).length;
    await waitFor(() => pictures(receiver.last).length > before + 20, 'more pictures');
    expect(phases(rig)).toEqual(['connecting', 'live']);
    expect(rig.log.join()).toMatch(/of no use/);
    expect(STREAM_KEY).toContain('verySecretKey');
    expect(rig.log.join()).not.toMatch(/verySecretKey/i);
    expect(rig.publisher.stats.framesDropped).toBe(0);
  });

  test('to a server that is not its own: the key does not go there, the show stays, and it is logged once', async () => {
    const [receiver, stranger] = await Promise.all([receiverOf(), receiverOf()]);
    const rig = rigOf({ url: receiver.url, tuning: moved });
    await rig.until('live');
    await waitFor(() => pictures(receiver.last).length > 10, 'pictures');
    const elsewhere = `localhost:${stranger.port}`;
    for (let i = 0; i < 3; i += 1) receiver.last?.requestReconnect(`rtmp://${elsewhere}/live`);
    const before = pictures(receiver.last).length;
    await waitFor(() => pictures(receiver.last).length > before + 20, 'more pictures');
    expect(stranger.sessions).toEqual([]);
    expect(phases(rig)).toEqual(['connecting', 'live']);
    expect(rig.log.filter((line) => line.includes(elsewhere))).toHaveLength(1);
  });
});

test('a source whose clock jumps back and ahead: what the server gets has no jump in it, and the count shows them', async () => {
  const receiver = await receiverOf();
  let aheadUs = 0;
  const warp = (packet: MediaPacket): MediaPacket =>
    packet.kind === 'video'
      ? { ...packet, ptsUs: packet.ptsUs + aheadUs, dtsUs: packet.dtsUs + aheadUs }
      : { ...packet, ptsUs: packet.ptsUs + aheadUs };
  const rig = rigOf({ url: receiver.url, warp });
  for (const [i, jumpUs] of [-3_000_000, 10_000_000].entries()) {
    await waitFor(() => pictures(receiver.last).length > 20 * (i + 1), 'pictures');
    aheadUs += jumpUs;
  }
  await waitFor(() => pictures(receiver.last).length > 60, 'pictures');
  expect(rig.publisher.stats.clockJumps).toBe(2);
  expect(rig.clockJumps.map(({ jumpUs }) => Math.round(jumpUs / 1e6))).toEqual([-3, 10]);
  const media = (receiver.last?.received ?? []).filter((item) => item.kind === 'audio' || isPicture(item));
  for (const kind of ['video', 'audio'] as const) {
    const times = media.flatMap((item) => (item.kind === kind && item.packet !== 'header' ? [item.timestampMs] : []));
    const steps = times.slice(1).map((ms, i) => ms - (times[i] ?? 0));
    expect(Math.min(...steps)).toBeGreaterThan(0);
    expect(Math.max(...steps)).toBeLessThan(150);
  }
});

test('a mistake of our own while writing costs a connection, never the show', async () => {
  const receiver = await receiverOf();
  let broken = 0;
  const warp = (packet: MediaPacket): MediaPacket => (broken-- > 0 ? { ...packet, data: null as unknown as Uint8Array } : packet);
  const rig = rigOf({ url: receiver.url, warp });
  await rig.until('live');
  await waitFor(() => pictures(receiver.last).length > 10, 'pictures');
  broken = 1;
  await waitFor(() => publishing(receiver).length === 2 && pictures(receiver.last).length > 10, 'pictures on another connection');
  expect(rig.publisher.state).toMatchObject({ phase: 'live', reconnects: 1 });
  expect(rig.log.join()).toMatch(/a mistake: TypeError/);
  await waitFor(() => receiver.sessions[0]?.ended === true, 'the old session to end');
});

test('sixty reconnects leave no socket, timer, listener or memory behind, and never a second session', async () => {
  const warnings: Error[] = [];
  const onWarning = (warning: Error) => warnings.push(warning);
  process.on('warning', onWarning);
  const receiver = await receiverOf();
  const rig = rigOf({ url: receiver.url, tuning: { ...QUICK, backoffFirstMs: 10, backoffMaxMs: 10 } });
  await rig.until('live');
  const resources = () => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap' || name === 'Timeout').length;
  const reconnect = async (times: number) => {
    for (let i = 0; i < times; i += 1) {
      const before = rig.publisher.state.phase === 'live' ? rig.publisher.state.reconnects : Number.NaN;
      receiver.dropAll();
      await waitFor(() => rig.publisher.state.phase === 'live' && rig.publisher.state.reconnects === before + 1, `reconnect ${i}`);
      expect(publishing(receiver).filter(({ ended }) => !ended)).toHaveLength(1);
    }
    await waitFor(() => receiver.sessions.filter(({ ended }) => !ended).length === 1, 'the old sessions to end');
    expect(receiver.sessions).toHaveLength(times + 1);
    receiver.sessions.splice(0, times); // what the test's own server keeps, its ends of the old sockets above all …
    for (const session of receiver.sessions) session.received.length = session.picturesMs.length = 0;
    rig.states.length = rig.log.length = 0; // … and the rig
  };
  await reconnect(20); // what is compiled and cached the first times
  const before = resources();
  const readings = [await liveHeapBytes()];
  for (let window = 0; window < 5; window += 1) {
    await reconnect(8);
    readings.push(await liveHeapBytes());
  }
  expect(resources()).toBeLessThanOrEqual(before);
  expect(growthBytes(readings, 8)).toBeLessThan(3 * 1_024); // a connection that stays is 10 KiB, its socket closed
  process.off('warning', onWarning);
  expect(warnings).toEqual([]);
});
