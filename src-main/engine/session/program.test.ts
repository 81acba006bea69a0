import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Emitter } from '../../../src-shared/disposable.ts';
import { DEFAULT_PROFILE, type RenditionId } from '../../../src-shared/domain/index.ts';
import { monotonicClock } from '../../process/clock.ts';
import type { MediaHeader, MediaPacket } from '../../process/packet.ts';
import type { EncodeFailure, EncoderSupervisor } from '../encoder/encoder-supervisor.ts';
import { RECORDING_RENDITION, type ShowWants, STREAM_RENDITION } from '../rendition/plan.ts';
import { type MediaSink, Program } from './program.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const NOTHING: ShowWants = { streaming: false, recording: 'none' };

test.each([
  ['a recording waits for all of its pictures', { recording: 'own' }, RECORDING_RENDITION, 3_000, 3_000],
  ["a recording on the stream's encode, too", { recording: 'shared' }, STREAM_RENDITION, 3_000, 3_000],
  ['a recording waits five seconds at the most', { recording: 'own' }, RECORDING_RENDITION, 20_000, 5_000],
  ['a destination waits a second at the most', { streaming: true }, STREAM_RENDITION, 3_000, 1_000],
] as const)('%s', async (_, wants, renditionId, closedAfterMs, expectedMs) => {
  const closed = new Emitter<RenditionId>();
  const emitters = { packets: new Emitter<MediaPacket>(), headers: new Emitter<MediaHeader>(), closed };
  const encoder = { ...emitters, want: async () => {} } as unknown as EncoderSupervisor;
  const program = new Program(encoder, monotonicClock(), console);
  await program.change(wants, DEFAULT_PROFILE);
  const startMs = Date.now();
  const done = program.change(NOTHING).then(() => Date.now() - startMs);
  setTimeout(() => closed.emit(renditionId), closedAfterMs);
  await vi.advanceTimersByTimeAsync(30_000);
  expect(await done).toBe(expectedMs);
});

test('a sink that fails costs the others nothing, and is told of once', () => {
  const packets = new Emitter<MediaPacket>();
  const encoder = { packets, headers: new Emitter<MediaHeader>() } as unknown as EncoderSupervisor;
  const told: string[] = [];
  const program = new Program(encoder, monotonicClock(), { error: (line) => void told.push(line) });
  const broken = () => {
    throw new Error('out of range');
  };
  let got = 0;
  program.subscribe(STREAM_RENDITION, { setHeader() {}, write: broken });
  program.subscribe(STREAM_RENDITION, { setHeader() {}, write: () => void (got += 1) });
  const time = { ptsUs: 0, dtsUs: 0, durationUs: 33_333, captureTimeUs: 0 };
  const data = new Uint8Array(1);
  packets.emit({ kind: 'video', renditionId: STREAM_RENDITION, tick: 0, key: true, repeated: false, data, ...time });
  packets.emit({ kind: 'audio', ptsUs: 0, durationUs: 21_333, data });
  expect(got).toBe(2);
  expect(told).toHaveLength(1);
  expect(told[0]).toMatch(/out of range.*program\.test\.ts/s);
});

test('of the sound in two codecs each sink gets the one that it takes, with any picture', () => {
  const [headers, packets] = [new Emitter<MediaHeader>(), new Emitter<MediaPacket>()];
  const program = new Program({ headers, packets } as unknown as EncoderSupervisor, monotonicClock(), console);
  const got: Record<string, string[]> = { show: [], ordinary: [], late: [] };
  const sink = (name: string): MediaSink => ({
    setHeader: (header) => void got[name]?.push(`${header.codec} header`),
    write: (packet) => void got[name]?.push(packet.kind === 'audio' && packet.sound === 'ordinary' ? 'AAC' : packet.kind),
  });
  program.subscribe(STREAM_RENDITION, sink('show'));
  program.subscribe(STREAM_RENDITION, sink('ordinary'), 'ordinary');
  const about = { kind: 'audio', sampleRateHz: 48_000, channels: 2, bitrateKbps: 128, config: new Uint8Array(2) } as const;
  headers.emit({ ...about, codec: 'opus' });
  headers.emit({ ...about, codec: 'aac', sound: 'ordinary' });
  const packet = { kind: 'audio', ptsUs: 0, durationUs: 20_000, data: new Uint8Array(1) } as const;
  packets.emit(packet);
  packets.emit({ ...packet, sound: 'ordinary' });
  program.subscribe(RECORDING_RENDITION, sink('late'), 'ordinary');
  expect(got).toEqual({ show: ['opus header', 'audio'], ordinary: ['aac header', 'AAC'], late: ['aac header'] });
});

test('a sink that cannot take a header costs the others nothing, whether it comes before it or after', async () => {
  const headers = new Emitter<MediaHeader>();
  const encoder = { packets: new Emitter<MediaPacket>(), headers } as unknown as EncoderSupervisor;
  const told: string[] = [];
  const program = new Program(encoder, monotonicClock(), { error: (line) => void told.push(line) });
  const setHeader = () => {
    throw new Error('a bad header');
  };
  let got = 0;
  program.subscribe(STREAM_RENDITION, { setHeader, write() {} });
  program.subscribe(STREAM_RENDITION, { setHeader: () => void (got += 1), write() {} });
  const config = new Uint8Array(2);
  headers.emit({ kind: 'audio', codec: 'aac', sampleRateHz: 48_000, channels: 2, bitrateKbps: 160, config });
  headers.emit({ ...DEFAULT_PROFILE.video, kind: 'video', renditionId: STREAM_RENDITION, codec: 'h264', config });
  await vi.advanceTimersByTimeAsync(0); // what an emitter's listener throws ends the process a little later
  expect(got).toBe(2);
  program.subscribe(STREAM_RENDITION, { setHeader, write() {} });
  expect(told).toHaveLength(2); // once a sink
});

test('an encode that is closed meanwhile is waited for no longer, and the others come up without it', async () => {
  const emitters = { packets: new Emitter<MediaPacket>(), headers: new Emitter<MediaHeader>(), closed: new Emitter<RenditionId>() };
  const encoder = { ...emitters, failed: new Emitter(), want: async () => {} } as unknown as EncoderSupervisor;
  const program = new Program(encoder, monotonicClock(), console);
  await program.change({ streaming: true, recording: 'own' }, DEFAULT_PROFILE);
  const outcomes: string[] = [];
  void program.allHeaders().then(() => outcomes.push('all'));
  void program.headers(RECORDING_RENDITION).catch(({ code }) => outcomes.push(code));
  void program.change({ recording: 'none' });
  const config = new Uint8Array(2);
  emitters.headers.emit({ kind: 'audio', codec: 'aac', sampleRateHz: 48_000, channels: 2, bitrateKbps: 160, config });
  emitters.headers.emit({ ...DEFAULT_PROFILE.video, kind: 'video', renditionId: STREAM_RENDITION, codec: 'h264', config });
  await vi.advanceTimersByTimeAsync(10);
  expect(outcomes.toSorted()).toEqual(['all', 'encoder.open-failed']);
});

test('a further sound that fails is no reason to give up the encodes, but for who waits for it', async () => {
  const headers = new Emitter<MediaHeader>();
  const failed = new Emitter<EncodeFailure>();
  const encoder = { headers, failed, packets: new Emitter<MediaPacket>(), closed: new Emitter<RenditionId>(), want: async () => {} };
  const program = new Program(encoder as unknown as EncoderSupervisor, monotonicClock(), console);
  await program.change({ streaming: true, recording: 'none' }, DEFAULT_PROFILE);
  const came = Promise.allSettled([program.allHeaders(), program.headers(STREAM_RENDITION, 'ordinary'), program.audioHeader()]);
  failed.emit({ failure: { code: 'encoder.open-failed', message: 'No AAC.' }, renditionId: null, sound: 'ordinary' });
  const { video, audio } = DEFAULT_PROFILE;
  const config = new Uint8Array(2);
  headers.emit({ ...audio, codec: 'aac', kind: 'audio', config });
  headers.emit({ ...video, kind: 'video', renditionId: STREAM_RENDITION, config });
  expect((await came).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
});

test('a failure of what all need ends every wait', async () => {
  const failed = new Emitter<EncodeFailure>();
  const none = { headers: new Emitter<MediaHeader>(), packets: new Emitter<MediaPacket>(), closed: new Emitter<RenditionId>() };
  const program = new Program({ ...none, failed, want: async () => {} } as unknown as EncoderSupervisor, monotonicClock(), console);
  await program.change({ streaming: true, recording: 'none' }, DEFAULT_PROFILE);
  const came = Promise.allSettled([program.allHeaders(), program.headers(STREAM_RENDITION, 'ordinary'), program.audioHeader()]);
  failed.emit({ failure: { code: 'encoder.open-failed', message: 'No sound.' }, renditionId: null });
  expect((await came).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
});
