/** A destination that is set to get further tracks: all of them where the server takes several, the first ones where it does not. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Destination, FurtherTracks, renditionOf } from '../../src-shared/domain/index.ts';
import { type Host, startHost } from '../support/engine-harness.ts';
import { type Received, RtmpReceiver } from '../support/rtmp-receiver.ts';
import { publisherOf, smallProfile } from './engine-support.ts';

const tracks = FurtherTracks.parse({
  video: [{ widthPx: 160, heightPx: 90, frameRate: 30, bitrateKbps: 150 }],
  audio: [{ codec: 'opus', bitrateKbps: 48 }],
});
const SMALL = renditionOf(tracks.video[0]!);

let host: Host;
let dataDirectory: string;
const receivers: RtmpReceiver[] = [];
beforeEach(async () => {
  dataDirectory = mkdtempSync(join(tmpdir(), 'tidecast-tracks-'));
  host = await startHost({ dataDirectory });
  const [rehearsal] = await host.client.invoke('destination.list');
  const { hasKey: _, ...plain } = rehearsal!;
  await host.client.invoke('destination.save', { destination: { ...plain, enabled: false } });
  await host.client.invoke('profile.save', smallProfile());
});
afterEach(async () => {
  expect(await host.stop()).toBe(0);
  for (const receiver of receivers.splice(0)) await receiver.kill();
  rmSync(dataDirectory, { recursive: true, force: true, maxRetries: 5 });
});

/** A destination whose server says this of itself. */
async function destinationOf(id: string, announces: RtmpReceiver['behaviour']['announces']): Promise<RtmpReceiver> {
  const receiver = new RtmpReceiver();
  receiver.behaviour = { announces };
  await receiver.listen();
  receivers.push(receiver);
  await save(id, receiver);
  return receiver;
}

const save = (id: string, { url }: RtmpReceiver, more: Partial<Destination> = {}) =>
  host.client.invoke('destination.save', {
    destination: { id, name: id, kind: 'rtmp', url, enabled: true, tracks, ...more },
    streamKey: 'key',
  });

const of = <K extends Received['kind']>(receiver: RtmpReceiver, kind: K) =>
  (receiver.last?.received ?? []).filter((item): item is Extract<Received, { kind: K }> => item.kind === kind);
const keys = (items: { packet: string; key: boolean; timestampMs: number }[]) =>
  items.filter(({ packet, key }) => packet === 'nalu' && key).map(({ timestampMs }) => timestampMs);
const encodes = async () => (await host.client.invoke('stats.get')).encoder.encodes.map(({ renditionId }) => renditionId).sort();

test('who takes several tracks gets them, with IDRs at the same pictures; who does not gets the first ones, and why', async () => {
  const takes = await destinationOf('takes', { capsEx: 2, fourCcList: ['*'] });
  const silent = await destinationOf('silent', { capsEx: 1, fourCcList: ['*'] });
  await host.client.invoke('session.start');
  await expect.poll(() => keys(of(takes, 'ex-video')).length, { timeout: 30_000 }).toBeGreaterThan(2);

  expect(of(takes, 'ex-video')[0]).toMatchObject({ packet: 'header', list: 'one', tracks: [{ id: 1, fourCc: 'avc1' }] });
  expect(of(takes, 'ex-audio').map(({ tracks: [track] }) => [track?.id, track?.fourCc])).toContainEqual([1, 'Opus']);
  expect(of(takes, 'audio').length).toBeGreaterThan(20); // the first sound, in AAC as ever
  const further = keys(of(takes, 'ex-video')).slice(-3, -1); // the newest may have come before the first track's of the same picture
  const first = new Set(keys(of(takes, 'video')));
  expect(further.filter((timeMs) => !first.has(timeMs))).toEqual([]);
  expect(await publisherOf(host.client, 'takes')).toMatchObject({
    state: { phase: 'live', reconnects: 0 },
    tracks: { video: 1, audio: 1, paused: false, failure: null },
  });

  expect(of(silent, 'video').length).toBeGreaterThan(20);
  expect([of(silent, 'ex-video'), of(silent, 'ex-audio')]).toEqual([[], []]);
  const failure = { code: 'rtmp.codec', message: expect.stringMatching(/does not take a further track of (H\.264|Opus): it is left out/) };
  expect(await publisherOf(host.client, 'silent')).toMatchObject({
    state: { phase: 'live', reconnects: 0 },
    tracks: { video: 0, audio: 0, failure },
  });
  const told = (await host.client.invoke('activity.list')).filter(({ event }) => event?.kind === 'tracks-left-out');
  expect(told).toMatchObject([{ level: 'warning', subject: 'silent', failure }]);

  expect(await encodes()).toEqual([SMALL, 'stream'].sort());
  await save('takes', takes, { enabled: false }); // nobody else takes the small picture
  await expect.poll(encodes, { timeout: 10_000 }).toEqual(['stream']);
  await host.client.invoke('session.stop');
}, 60_000);
