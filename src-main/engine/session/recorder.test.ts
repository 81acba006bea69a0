/**
 * A recording that moves over to the stream's encode while shows end and the user stops it: never without an encode. And one
 * whose encode changes as it ends: never without its last pictures.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { DEFAULT_PROFILE, type Profile, type RenditionId } from '../../../src-shared/domain/index.ts';
import { StudioError } from '../../../src-shared/errors.ts';
import { scriptedShow } from '../../../tests/support/scripted-show.ts';
import type { MediaHeader } from '../../process/packet.ts';
import { RecordingFile } from '../record/recording-file.ts';
import { RECORDING_RENDITION, STREAM_RENDITION } from '../rendition/plan.ts';
import { ProfileFollower } from './profile-follower.ts';

const SHARED = { ...DEFAULT_PROFILE, recording: { ...DEFAULT_PROFILE.recording, encode: 'shared' as const } };

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tidecast-recorder-'));
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

/** A recording with an encode of its own, ten pictures in. */
async function startRecording() {
  const show = scriptedShow(folder, SHARED);
  const { recorder, scripted } = show;
  /** Each picture bears its name, to be found in the file. */
  const give = (renditionId: RenditionId, tick: number, key = false) => {
    const time = { ptsUs: tick * 33_333, dtsUs: tick * 33_333, durationUs: 33_333, captureTimeUs: tick * 33_333 };
    const data = Buffer.from(`<${renditionId} ${tick}>`);
    scripted.packets.emit({ kind: 'video', renditionId, tick, key, repeated: false, data, ...time });
  };
  await recorder.start();
  const { path } = recorder.state as { path: string };
  for (let tick = 0; tick < 10; tick += 1) give(RECORDING_RENDITION, tick, tick === 0);
  return { ...show, path, give };
}

/** … and a show beside it to whose encode it is about to move. */
async function startMove() {
  const recording = await startRecording();
  const { recorder, session, scripted, program, give } = recording;
  session.started.on((over) => void recorder.joinStream(over));
  await session.start();
  await vi.waitUntil(() => scripted.idrs.includes(STREAM_RENDITION));
  expect(program.wants.recording).toBe('moving');
  for (let tick = 10; tick < 15; tick += 1) give(RECORDING_RENDITION, tick);
  return recording;
}

/** … to whose encode, which has a smaller picture, it is about to move: that is opened anew and does not come up yet. */
async function startReopening() {
  const recording = await startRecording();
  const { recorder, session, scripted, program } = recording;
  await session.start();
  await program.change({ streams: new Map([[STREAM_RENDITION, { widthPx: 640, heightPx: 360, frameRate: 30 }]]) });
  const late: MediaHeader[] = [];
  const emit = scripted.headers.emit.bind(scripted.headers);
  scripted.headers.emit = (header) => void (header.kind === 'video' ? late.push(header) : emit(header));
  const joined = recorder.joinStream(new AbortController().signal);
  await vi.waitUntil(() => late.length > 0);
  await new Promise((resolve) => setImmediate(resolve));
  const comeUp = () => {
    for (const header of late.splice(0)) emit(header);
  };
  return { ...recording, joined, comeUp };
}

const picturesIn = (path: string) =>
  [...readFileSync(path, 'latin1').matchAll(/<(\w+) (\d+)>/g)].map(([, from, tick]) => `${from} ${tick}`);
const ticksOf = (from: RenditionId, first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, at) => `${from} ${first + at}`);

test('the show ends while the recording moves: it stays on its own encode at once, and misses nothing', async () => {
  const { recorder, session, program, path, give } = await startMove();
  const startMs = performance.now();
  await session.stop();
  for (let tick = 15; tick < 20; tick += 1) give(RECORDING_RENDITION, tick);
  await vi.waitUntil(() => program.wants.recording === 'own');
  expect(recorder.state).toMatchObject({ phase: 'recording', ownEncode: true });
  expect(program.wants).toMatchObject({ streaming: false });
  await recorder.stop();
  expect(performance.now() - startMs).toBeLessThan(2_500);
  expect(picturesIn(path)).toEqual(ticksOf(RECORDING_RENDITION, 0, 19));
});

test('the show ends at the moment of the move: the encode that the recording is on stays open', async () => {
  const { recorder, session, program, scripted, path, give } = await startMove();
  give(STREAM_RENDITION, 15, true);
  await session.stop();
  await vi.waitUntil(() => program.wants.recording === 'shared');
  expect(recorder.state).toMatchObject({ phase: 'recording', ownEncode: false });
  for (const { recorded, renditions } of scripted.plans) expect(renditions.map(({ id }) => id)).toContain(recorded ?? STREAM_RENDITION);
  for (let tick = 16; tick < 20; tick += 1) give(STREAM_RENDITION, tick);
  await recorder.stop();
  expect(picturesIn(path)).toEqual([...ticksOf(RECORDING_RENDITION, 0, 14), ...ticksOf(STREAM_RENDITION, 15, 19)]);
});

test('a reduced encode that is opened anew for the recording: none of its small pictures gets into the file', async () => {
  const { recorder, session, scripted, path, give, joined, comeUp } = await startReopening();
  give(RECORDING_RENDITION, 10);
  give(STREAM_RENDITION, 11, true); // the small one's last
  give(RECORDING_RENDITION, 11);
  comeUp();
  await vi.waitUntil(() => scripted.idrs.includes(STREAM_RENDITION));
  give(RECORDING_RENDITION, 12);
  give(STREAM_RENDITION, 13, true);
  await joined;
  give(STREAM_RENDITION, 14);
  await recorder.stop();
  expect(picturesIn(path)).toEqual([...ticksOf(RECORDING_RENDITION, 0, 12), ...ticksOf(STREAM_RENDITION, 13, 14)]);
  await session.stop();
});

test('a stream that has fallen back to another codec than the file has gives it no pictures', async () => {
  const { recorder, session, program, scripted, path, give } = await startRecording();
  await session.start();
  const emit = scripted.headers.emit.bind(scripted.headers);
  scripted.headers.emit = (header) => emit(header.kind === 'video' ? { ...header, codec: 'hevc' } : header);
  scripted.headers.emit({ ...(await program.headers(STREAM_RENDITION)).video });
  await recorder.joinStream(new AbortController().signal);
  expect(scripted.idrs).not.toContain(STREAM_RENDITION);
  expect(program.wants.recording).toBe('own');
  give(STREAM_RENDITION, 10, true);
  give(RECORDING_RENDITION, 10);
  expect(recorder.state).toMatchObject({ phase: 'recording', ownEncode: true });
  await recorder.stop();
  expect(picturesIn(path)).toEqual(ticksOf(RECORDING_RENDITION, 0, 10));
  await session.stop();
});

test('an own encode that fails while it is asked for its codec leaves the recording where it is, and the plan as it was', async () => {
  const { recorder, session, program, scripted, path } = await startRecording();
  await session.start();
  const emit = scripted.headers.emit.bind(scripted.headers);
  scripted.headers.emit = (header) => void (header.kind === 'audio' && emit(header));
  await program.change({ relief: { kind: 'preset', preset: 'ultrafast' } }); // opened anew, and not there yet
  const joined = recorder.joinStream(new AbortController().signal);
  await vi.waitUntil(() => program.wants.recording === 'moving');
  await new Promise((resolve) => setTimeout(resolve, 20));
  scripted.failed.emit({ failure: { code: 'encoder.crashed', message: 'Gone.' }, renditionId: RECORDING_RENDITION });
  await joined;
  expect(program.wants.recording).toBe('own');
  expect(recorder.state).toMatchObject({ phase: 'recording', ownEncode: true });
  await recorder.stop();
  expect(picturesIn(path)).toEqual(ticksOf(RECORDING_RENDITION, 0, 9));
  await session.stop();
});

test('stop does not wait for an encode that does not come up', async () => {
  const { recorder, session, path, joined } = await startReopening();
  const startMs = performance.now();
  await recorder.stop();
  await joined;
  expect(performance.now() - startMs).toBeLessThan(2_500);
  expect(picturesIn(path)).toEqual(ticksOf(RECORDING_RENDITION, 0, 9));
  await session.stop();
});

test.each(['stop', 'dispose'] as const)('%s does not wait for a move', async (end) => {
  const { recorder, session, path } = await startMove();
  const startMs = performance.now();
  await recorder[end]();
  expect(performance.now() - startMs).toBeLessThan(2_500);
  expect(recorder.state).toMatchObject({ phase: 'idle', failure: null });
  expect(picturesIn(path)).toEqual(ticksOf(RECORDING_RENDITION, 0, 14));
  await session.stop();
});

const MONO: MediaHeader = {
  kind: 'audio',
  codec: 'aac',
  sampleRateHz: 48_000,
  channels: 1,
  bitrateKbps: 160,
  config: new Uint8Array([0x11, 0x88]),
};

/** … whose encoder gives out, as it ends, what was changed before: another format of the sound, and pictures 10 to 12. */
async function startChanging() {
  const recording = await startRecording();
  const { scripted, give } = recording;
  const want = scripted.want.bind(scripted);
  scripted.want = async (plan) => {
    if (plan.renditions.length === 0) {
      scripted.headers.emit(MONO);
      for (const tick of [10, 11, 12]) give(RECORDING_RENDITION, tick, tick === 10);
    }
    await want(plan);
  };
  /** what is in each file, in order */
  const films = () =>
    readdirSync(folder)
      .map((name) => picturesIn(join(folder, name)))
      .sort((a, b) => b.length - a.length);
  return { ...recording, films };
}

test('pictures of another format that come while a recording is stopped have their file', async () => {
  const { recorder, scripted, store, films } = await startChanging();
  const thumbnails = vi.spyOn(store.recordings, 'setThumbnail');
  const composed = [new Uint8Array([0xff, 0xd8])];
  scripted.thumbnail = async () => composed.shift() ?? null;
  await recorder.stop();
  expect(recorder.state).toEqual({ phase: 'idle', failure: null });
  expect(films()).toEqual([ticksOf(RECORDING_RENDITION, 0, 9), ticksOf(RECORDING_RENDITION, 10, 12)]);
  expect(new Set(thumbnails.mock.calls.map(([id]) => id)).size).toBe(2); // both have one, though nothing is composed any more
  await recorder.start(); // what was asked for before concerns it no more
  expect(recorder.state.phase).toBe('recording');
  await recorder.stop();
});

test('where the file for the last pictures cannot be made, the one before is whole, and the reason is told', async () => {
  const { recorder, said, films } = await startChanging();
  vi.spyOn(RecordingFile, 'createIn').mockRejectedValueOnce(new StudioError('record.disk-full', 'Full.'));
  await expect(recorder.stop()).rejects.toMatchObject({ code: 'record.disk-full' });
  expect(recorder.state).toMatchObject({ phase: 'idle', failure: { code: 'record.disk-full' } });
  expect(films()).toEqual([ticksOf(RECORDING_RENDITION, 0, 9)]);
  expect(said).toMatchObject([{ level: 'error', failure: { code: 'record.disk-full' } }]);
});

test('a part that fails after the next has taken over is told of, and a part of a moment has its thumbnail', async () => {
  const { recorder, scripted, store, said, give } = await startRecording();
  const thumbnails = vi.spyOn(store.recordings, 'setThumbnail');
  scripted.thumbnail = async () => new Uint8Array(2);
  const close = RecordingFile.prototype.close;
  vi.spyOn(RecordingFile.prototype, 'close').mockImplementationOnce(async function (this: RecordingFile) {
    return { ...(await close.call(this)), failure: new StudioError('record.io', 'Cut off.') };
  });
  const { recordingId: first } = recorder.state as { recordingId: string };
  scripted.headers.emit(MONO);
  give(RECORDING_RENDITION, 10, true);
  await vi.waitUntil(() => said.some(({ level }) => level === 'error'));
  expect(said).toMatchObject([{ event: { kind: 'recording-part' } }, { failure: { code: 'record.io', message: 'Cut off.' } }]);
  expect(recorder.state.phase).toBe('recording');
  expect(thumbnails.mock.calls.map(([id]) => id)).toEqual([first]);
  await recorder.stop();
});

test('a profile that is saved while a recording begins is followed once it runs', async () => {
  const { recorder, program } = scriptedShow(folder, SHARED);
  const applied: Profile[] = [];
  const saved: Profile = { ...SHARED, recording: { ...SHARED.recording, bitrateKbps: 9_000 } };
  const follower = new ProfileFollower({
    saved: async () => saved,
    running: () => program.profile,
    isRecording: () => recorder.state.phase === 'recording',
    apply: async (profile) => void applied.push(profile),
    activities: { add() {} },
    log: { warn() {} },
  });
  recorder.started.on(() => void follower.refresh());
  const starting = recorder.start();
  await follower.refresh(); // as it is saved: nothing runs yet
  expect(applied).toEqual([]);
  await starting;
  await vi.waitUntil(() => applied.length > 0);
  expect(applied).toEqual([saved]);
  await recorder.stop();
});
