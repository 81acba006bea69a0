import { expect, test, vi } from 'vitest';
import { Emitter } from '../../../src-shared/disposable.ts';
import { RenditionId } from '../../../src-shared/domain/index.ts';
import { monotonicClock } from '../../process/clock.ts';
import type { MediaHeader, MediaPacket } from '../../process/packet.ts';
import type { EncoderSupervisor } from '../encoder/encoder-supervisor.ts';
import { handOver } from './hand-over.ts';
import { Program } from './program.ts';

const from = RenditionId.parse('recording');
const to = RenditionId.parse('stream');

function setUp() {
  const packets = new Emitter<MediaPacket>();
  const headers = new Emitter<MediaHeader>();
  const idrs: RenditionId[] = [];
  const encoder = { packets, headers, requestIdr: (ids: RenditionId[]) => idrs.push(...ids) } as unknown as EncoderSupervisor;
  const program = new Program(encoder, monotonicClock(), console);
  const got: string[] = [];
  const sink = {
    setHeader: (header: MediaHeader) => void got.push(`header ${header.kind === 'video' ? header.renditionId : 'audio'}`),
    write: (packet: MediaPacket) => void got.push(packet.kind === 'video' ? `${packet.renditionId} ${packet.tick}` : 'audio'),
  };
  const give = (renditionId: RenditionId, tick: number, key = false) => {
    const time = { ptsUs: tick * 33_333, dtsUs: tick * 33_333, durationUs: 33_333, captureTimeUs: tick * 33_333 };
    packets.emit({ kind: 'video', renditionId, tick, key, repeated: false, data: new Uint8Array(1), ...time });
  };
  const sound = () => packets.emit({ kind: 'audio', ptsUs: 0, durationUs: 21_333, data: new Uint8Array(1) });
  return { program, headers, idrs, got, sink, give, sound };
}

const streamHeader: MediaHeader = {
  kind: 'video',
  renditionId: to,
  codec: 'h264',
  widthPx: 2,
  heightPx: 2,
  frameRate: 30,
  bitrateKbps: 1,
  config: new Uint8Array(1),
};

test('the sink gets the old rendition up to the first IDR of the new one, each tick once, the header before it', async () => {
  const { program, headers, idrs, got, sink, give, sound } = setUp();
  const unsubscribe = program.subscribe(from, sink);
  headers.emit(streamHeader);
  give(from, 0);
  const moving = handOver(program, sink, { from, to, unsubscribe });
  expect(idrs).toEqual([to]);
  give(to, 0, true); // nothing of the old one has been seen yet: it could be earlier
  give(from, 1, true);
  give(from, 2);
  give(to, 1);
  give(from, 3); // the old encoder is the faster one: its picture of the IDR's tick is held, and dropped
  give(to, 3, true);
  sound();
  give(from, 4);
  give(to, 4);
  expect(got).toEqual(['recording 0', 'recording 1', 'recording 2', 'header stream', 'stream 3', 'audio', 'stream 4']);
  const { moved, unsubscribe: end } = await moving;
  expect(moved).toBe(true);
  end();
  give(to, 5);
  expect(got.at(-1)).toBe('stream 4');
});

test('an IDR that is earlier than what was written is not taken; without one the sink stays, and has lost nothing', async () => {
  vi.useFakeTimers();
  try {
    const { program, headers, got, sink, give } = setUp();
    headers.emit(streamHeader);
    const moving = handOver(program, sink, { from, to, unsubscribe: program.subscribe(from, sink) });
    for (let tick = 1; tick <= 20; tick += 1) give(from, tick, tick === 1);
    give(to, 3, true);
    await vi.advanceTimersByTimeAsync(5_001);
    const { moved } = await moving;
    give(from, 21);
    expect(moved).toBe(false);
    expect(got).toEqual(Array.from({ length: 21 }, (_, n) => `recording ${n + 1}`));
  } finally {
    vi.useRealTimers();
  }
});

test('where the old rendition is opened anew meanwhile, its header comes after the pictures that are held', async () => {
  const { program, headers, got, sink, give } = setUp();
  const moving = handOver(program, sink, { from, to, unsubscribe: program.subscribe(from, sink) });
  give(from, 1, true);
  give(from, 2);
  headers.emit({ ...streamHeader, renditionId: from });
  give(from, 3, true);
  headers.emit({ ...streamHeader, renditionId: from });
  give(from, 4, true);
  give(to, 4, true);
  await moving;
  expect(got).toEqual(['recording 1', 'recording 2', 'header recording', 'recording 3', 'stream 4']);
});

test('a move that is broken off gives out what it holds and leaves nothing behind', async () => {
  vi.useFakeTimers();
  try {
    const { program, headers, idrs, got, sink, give } = setUp();
    headers.emit(streamHeader);
    const broken = new AbortController();
    const moving = handOver(program, sink, { from, to, unsubscribe: program.subscribe(from, sink), signal: broken.signal });
    for (let tick = 1; tick <= 20; tick += 1) give(from, tick, tick === 1);
    broken.abort();
    expect(got).toEqual(Array.from({ length: 20 }, (_, n) => `recording ${n + 1}`));
    const { moved, unsubscribe } = await moving;
    expect(moved).toBe(false);
    unsubscribe();
    give(from, 21);
    give(to, 21, true);
    expect(vi.getTimerCount()).toBe(0);
    expect(idrs).toHaveLength(1);
    expect(got).toHaveLength(20);
  } finally {
    vi.useRealTimers();
  }
});
