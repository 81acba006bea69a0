import { expect, test } from 'vitest';
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
  const encoder = { packets, headers, requestIdr: (id: RenditionId) => idrs.push(id) } as unknown as EncoderSupervisor;
  const program = new Program(encoder, monotonicClock());
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

test('the sink gets the old rendition up to the first later IDR of the new one, each picture once, the header before it', async () => {
  const { program, headers, idrs, got, sink, give, sound } = setUp();
  const unsubscribe = program.subscribe(from, sink);
  headers.emit({
    kind: 'video',
    renditionId: to,
    codec: 'h264',
    widthPx: 2,
    heightPx: 2,
    frameRate: 30,
    bitrateKbps: 1,
    config: new Uint8Array(1),
  });
  const moving = handOver(program, sink, { from, to, unsubscribe });
  expect(idrs).toEqual([to]);
  give(to, 0, true); // nothing of the old one has been seen yet: it could be earlier
  give(from, 1, true);
  give(from, 2);
  give(to, 1);
  give(to, 2, true); // not later than what the sink has
  give(to, 3, true);
  sound();
  give(from, 3);
  give(to, 4);
  expect(got).toEqual(['recording 1', 'recording 2', 'header stream', 'stream 3', 'audio', 'stream 4']);
  (await moving)?.();
  give(to, 5);
  expect(got.at(-1)).toBe('stream 4');
});
