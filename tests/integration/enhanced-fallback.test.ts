/** A show in HEVC to servers that take it and servers that do not: these get H.264 on the same connection, and all know why. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { AV_CODEC_ID_AAC, AV_CODEC_ID_HEVC, AV_CODEC_ID_OPUS } from 'node-av/constants';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { AudioSettings, type Destination, type OwnVideo, type Profile, renditionOf } from '../../src-shared/domain/index.ts';
import { probePackets, run } from '../support/broadcast-analysis.ts';
import { type Host, startHost } from '../support/engine-harness.ts';
import { playWithFfmpeg8, startFfmpeg8 } from '../support/ffmpeg8-receiver.ts';
import { HostFeeder } from '../support/host-feeder.ts';
import { hasNginxRtmp, startNginxRtmp, startNodeMediaServer } from '../support/rtmp-peers.ts';
import { RtmpReceiver } from '../support/rtmp-receiver.ts';
import { publisherOf, sleep, smallProfile } from './engine-support.ts';
import { decodeErrors } from './record-probe.ts';
import { KEY, startServer } from './server-support.ts';

const HEVC: Partial<Profile['video']> = { codec: 'hevc', encoder: 'libx265' };

let host: Host;
let dataDirectory: string;
const open: { dispose(): Promise<unknown> }[] = [];
beforeEach(async () => {
  dataDirectory = mkdtempSync(join(tmpdir(), 'tidecast-fallback-'));
  host = await startHost({ dataDirectory });
  const [rehearsal] = await host.client.invoke('destination.list');
  const { hasKey: _, ...plain } = rehearsal!;
  await host.client.invoke('destination.save', { destination: { ...plain, enabled: false } });
  await host.client.invoke('profile.save', smallProfile({ video: HEVC, recording: { encode: 'shared' } }));
  const feeder = await HostFeeder.attach(host);
  open.push({ dispose: () => feeder.close() });
});
afterEach(async () => {
  for (const one of open.splice(0)) await one.dispose();
  expect(await host.stop()).toBe(0);
  rmSync(dataDirectory, { recursive: true, force: true, maxRetries: 5 });
});

const kept = <P extends { dispose(): Promise<void> }>(peer: P): P => {
  open.push(peer);
  return peer;
};

async function receiverOf(announces: RtmpReceiver['behaviour']['announces']): Promise<RtmpReceiver> {
  const receiver = new RtmpReceiver();
  receiver.behaviour = { announces };
  await receiver.listen();
  open.push({ dispose: () => receiver.kill() });
  return receiver;
}

const save = (id: string, { url, streamKey = 'key' }: { url: string; streamKey?: string }, more: Partial<Destination> = {}) =>
  host.client.invoke('destination.save', { destination: { id, name: id, kind: 'rtmp', url, enabled: true, ...more }, streamKey });

const status = (id: string) => publisherOf(host.client, id);
const untilSent = (id: string, frames: number) =>
  expect.poll(async () => (await status(id))?.stats.framesSent ?? 0, { timeout: 40_000 }).toBeGreaterThanOrEqual(frames);
const encodes = async () => {
  const { encoder } = await host.client.invoke('stats.get');
  return encoder.encodes.map(({ renditionId, encoder }) => `${renditionId} ${encoder}`).sort();
};
const [HEVC_ENCODE, H264_ENCODE] = ['stream libx265', 'stream-h264 libx264'];

/** What the history keeps of the one show there was; the studio has the file for itself while it runs. */
function incidents(): { code: string; message: string }[] {
  const database = new Sqlite(join(dataDirectory, 'tidecast.db'), { readonly: true });
  const { json } = database.prepare<[], { json: string }>('SELECT metrics AS json FROM sessions').get() ?? { json: '{}' };
  database.close();
  return JSON.parse(json).incidents;
}

async function codecsOf(file: string): Promise<string[]> {
  const text = await run('ffprobe', ['-v', 'error', '-show_entries', 'stream=codec_name', '-of', 'csv=p=0', file]);
  return text.toString().trim().split(/\s+/).sort();
}

test('who takes HEVC gets it, who does not gets H.264 without a reconnect, and the recording stays as it is', async () => {
  const takes = kept(await startFfmpeg8());
  const silent = kept(await (hasNginxRtmp() ? startNginxRtmp() : startNodeMediaServer()));
  const declined = await receiverOf({ fourCcList: ['*'], capsEx: 15 });
  await save('takes', takes, { enhanced: 'always' });
  await save('silent', silent);
  await save('declined', { url: declined.url }, { enhanced: 'never' });
  await host.client.invoke('session.start');
  const recording = await host.client.invoke('recording.start');
  for (const id of ['takes', 'silent', 'declined']) await untilSent(id, 60);

  const [full, plain, asked] = [await status('takes'), await status('silent'), await status('declined')];
  expect(full).toMatchObject({ rate: { renditionId: 'stream' } });
  expect(full).not.toHaveProperty('codecFallback');
  const failure = { code: 'rtmp.codec', message: expect.stringMatching(/does not say that it takes HEVC: it needs H\.264/) };
  expect(plain).toMatchObject({ rate: { renditionId: 'stream-h264' }, codecFallback: { video: true, audio: false, failure } });
  expect(asked).toMatchObject({ rate: { renditionId: 'stream-h264' }, codecFallback: { video: true, audio: false, failure: null } });
  for (const one of [full, plain, asked]) expect(one?.state).toMatchObject({ phase: 'live', reconnects: 0 });
  expect(await encodes()).toEqual([HEVC_ENCODE, H264_ENCODE]);
  const warnings = (await host.client.invoke('activity.list')).filter(({ failure }) => failure?.code === 'rtmp.codec');
  expect(warnings).toMatchObject([{ level: 'warning', subject: 'silent', message: expect.stringMatching(/It gets that instead/) }]);

  const { path } = await host.client.invoke('recording.stop');
  const sent = full?.stats.framesSent ?? 0;
  await host.client.invoke('session.stop');
  expect(path).toBe(recording.path);
  expect([await codecsOf(path), decodeErrors(path)]).toEqual([['aac', 'hevc'], '']);

  const tracks = await takes.decoded();
  expect(tracks.map(({ codecId }) => codecId).sort()).toEqual([AV_CODEC_ID_AAC, AV_CODEC_ID_HEVC].sort());
  expect(tracks.find(({ isVideo }) => isVideo)?.ptsMs.length).toBeGreaterThanOrEqual(sent);
  const file = await silent.capture();
  expect([await codecsOf(file), decodeErrors(file)]).toEqual([['aac', 'h264'], '']);
  expect((await probePackets(file)).find(({ kind }) => kind === 'video')).toMatchObject({ key: true });
  expect(declined.sessions).toHaveLength(1);
  expect(new Set(declined.last?.received.map(({ kind }) => kind))).toEqual(new Set(['metadata', 'video', 'audio']));
  await host.stop();
  expect(incidents()).toMatchObject([failure]);
}, 120_000);

test('HEVC and Opus: who takes neither gets H.264 and AAC, who takes one gets the other, and the recording keeps both', async () => {
  await host.client.invoke('profile.save', {
    ...smallProfile({ video: HEVC, recording: { encode: 'shared' } }),
    audio: AudioSettings.parse({ codec: 'opus', bitrateKbps: 96 }),
  });
  const server = await startServer();
  const viewer = kept(playWithFfmpeg8(`${server.httpUrl}/live/live.flv`));
  const silent = kept(await (hasNginxRtmp() ? startNginxRtmp() : startNodeMediaServer()));
  const half = await receiverOf({ videoFourCcInfoMap: { hvc1: 4 } });
  await save('takes', { url: server.rtmpUrl, streamKey: KEY });
  await save('silent', silent);
  await save('half', { url: half.url });
  await host.client.invoke('session.start');
  await host.client.invoke('recording.start');
  for (const id of ['takes', 'silent', 'half']) await untilSent(id, 90);

  const [full, plain, mixed] = [await status('takes'), await status('silent'), await status('half')];
  for (const one of [full, plain, mixed]) expect(one?.state).toMatchObject({ phase: 'live', reconnects: 0 });
  expect(full).not.toHaveProperty('codecFallback');
  expect(plain).toMatchObject({ codecFallback: { video: true, audio: true }, rate: { renditionId: 'stream-h264' } });
  const noOpus = { code: 'rtmp.codec', message: expect.stringMatching(/Opus: it needs AAC/) };
  expect(mixed).toMatchObject({ codecFallback: { video: false, audio: true, failure: noOpus }, rate: { renditionId: 'stream' } });
  const { path } = await host.client.invoke('recording.stop');
  await host.client.invoke('session.stop');
  await server.close();

  expect([await codecsOf(path), decodeErrors(path)]).toEqual([['hevc', 'opus'], '']);
  expect((await viewer.decoded()).map(({ codecId }) => codecId).sort()).toEqual([AV_CODEC_ID_HEVC, AV_CODEC_ID_OPUS].sort());
  const file = await silent.capture();
  expect([await codecsOf(file), decodeErrors(file)]).toEqual([['aac', 'h264'], '']);
  const packets = await probePackets(file);
  const [pictures, sounds] = [packets.filter(({ kind }) => kind === 'video'), packets.filter(({ kind }) => kind === 'audio')];
  expect(Math.abs(pictures.at(-1)!.ptsS - sounds.at(-1)!.ptsS)).toBeLessThan(0.5);
  const steps = sounds.slice(1).map(({ ptsS }, i) => ptsS - sounds[i]!.ptsS);
  expect(Math.max(...steps)).toBeLessThan(0.05); // 1,024 samples, without a hole
  expect(new Set(half.last?.received.map(({ kind }) => kind))).toEqual(new Set(['metadata', 'ex-video', 'audio']));
}, 120_000);

test('HEVC that nobody takes is not encoded, until somebody does', async () => {
  const [silent, modern] = [await receiverOf({}), await receiverOf({ videoFourCcInfoMap: { hvc1: 4 } })];
  await save('silent', { url: silent.url });
  await host.client.invoke('session.start');
  await untilSent('silent', 30);
  await expect.poll(encodes, { timeout: 20_000 }).toEqual([H264_ENCODE]);
  await save('modern', { url: modern.url });
  await untilSent('modern', 30);
  expect(await encodes()).toEqual([HEVC_ENCODE, H264_ENCODE]);
  expect(modern.last?.received.some(({ kind }) => kind === 'ex-video')).toBe(true);
  await save('modern', { url: modern.url }, { enabled: false });
  await expect.poll(encodes, { timeout: 20_000 }).toEqual([H264_ENCODE]);
  await sleep(500);
  expect((await status('silent'))?.state).toMatchObject({ phase: 'live', reconnects: 0 });
  expect((await status('silent'))?.stats.framesDropped).toBeLessThan(60); // those before it had H.264

  const video: OwnVideo = { widthPx: 180, heightPx: 320, frameRate: 30, bitrateKbps: 300, encoder: 'libx264', fit: 'cover' };
  await save('silent', { url: silent.url }, { video }); // H.264 by its settings: nothing has to take its place
  await expect.poll(encodes, { timeout: 20_000 }).toEqual([`${renditionOf(video)} libx264`]);
  expect(await status('silent')).not.toHaveProperty('codecFallback');
  await save('silent', { url: silent.url }); // the show's HEVC, of which it is known that it is refused
  await expect.poll(encodes, { timeout: 20_000 }).toEqual([H264_ENCODE]);
  expect(await status('silent')).toMatchObject({ codecFallback: { video: true }, state: { phase: 'live', reconnects: 0 } });
  await host.client.invoke('session.stop');
}, 120_000);
