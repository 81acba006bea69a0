import { expect, test } from 'vitest';
import { Emitter } from '../../../src-shared/disposable.ts';
import { Destination, type RenditionId, renditionOf } from '../../../src-shared/domain/index.ts';
import { monotonicClock } from '../../process/clock.ts';
import type { MediaHeader, MediaPacket } from '../../process/packet.ts';
import type { EncoderSupervisor } from '../encoder/encoder-supervisor.ts';
import { ConnectionTracks } from './connection-tracks.ts';
import { Program } from './program.ts';

const destination = Destination.parse({
  id: 'd',
  name: 'd',
  kind: 'rtmp',
  url: 'rtmp://host/live',
  enabled: true,
  tracks: {
    video: [{ widthPx: 640, heightPx: 360, frameRate: 30, bitrateKbps: 800 }],
    audio: [{ codec: 'opus', bitrateKbps: 64 }],
  },
});
const SMALL = renditionOf(destination.tracks!.video[0]!);

function rig(settings: Destination = destination) {
  const [headers, packets] = [new Emitter<MediaHeader>(), new Emitter<MediaPacket>()];
  const program = new Program({ headers, packets } as unknown as EncoderSupervisor, monotonicClock(), console);
  const got: string[] = [];
  const note = ({ kind, track }: MediaHeader | MediaPacket, what: string) => void got.push(`${kind} ${track} ${what}`);
  const tracks = new ConnectionTracks(program, settings, {
    setHeader: (header) => note(header, 'header'),
    write: (packet) => note(packet, 'packet'),
  });
  const data = new Uint8Array(1);
  const time = { ptsUs: 0, dtsUs: 0, durationUs: 33_333, captureTimeUs: 0 };
  const picture = (renditionId: RenditionId): void =>
    packets.emit({ kind: 'video', renditionId, tick: 0, key: false, repeated: false, data, ...time });
  return {
    tracks,
    /** @returns what the publisher has got since the last call */
    send(): string[] {
      for (const sound of [undefined, 'opus-64', 'aac-96'])
        packets.emit({ kind: 'audio', ...(sound && { sound }), ptsUs: 0, durationUs: 20_000, data });
      for (const id of [SMALL, renditionOf(null)]) picture(id);
      return got.splice(0);
    },
    announce: () =>
      headers.emit({
        kind: 'video',
        renditionId: SMALL,
        codec: 'h264',
        widthPx: 640,
        heightPx: 360,
        frameRate: 30,
        bitrateKbps: 800,
        config: data,
      }),
  };
}

test('each track gets its own picture or sound alone, with its number', () => {
  const { tracks, send, announce } = rig();
  announce();
  expect(send()).toEqual(['video 1 header', 'audio 1 packet', 'video 1 packet']);
  expect([[...tracks.encodes.keys()], [...tracks.sounds.keys()], tracks.bitrateKbps]).toEqual([[SMALL], ['opus-64'], 864]);
  tracks.close();
  expect(send()).toEqual([]);
});

test('a picture that gives way is no longer asked for, and comes back with its header', () => {
  const { tracks, send, announce } = rig();
  announce();
  send();
  tracks.pause(true);
  expect([send(), [...tracks.encodes.keys()], tracks.bitrateKbps]).toEqual([['audio 1 packet'], [], 64]);
  expect(tracks.status).toEqual({ video: 0, audio: 1, paused: true, failure: null });
  tracks.pause(false);
  expect(send()).toEqual(['video 1 header', 'audio 1 packet', 'video 1 packet']);
});

test('what the server does not take is left out, and the first reason is kept', () => {
  const { tracks, send } = rig();
  const failures = ['no Opus', 'no H.264'].map((message) => ({ code: 'rtmp.codec' as const, message }));
  expect(tracks.leaveOut('audio', 1, failures[0]!)).toBe(true);
  expect(send()).toEqual(['video 1 packet']);
  expect(tracks.leaveOut('video', 1, failures[1]!)).toBe(false);
  expect([send(), tracks.status, tracks.pausable]).toEqual([[], { video: 0, audio: 0, paused: false, failure: failures[0] }, false]);
});

test('who gets no Enhanced RTMP gets none, and is told of none', () => {
  const { tracks, send } = rig({ ...destination, enhanced: 'never' });
  expect([send(), tracks.status, tracks.encodes.size]).toEqual([[], null, 0]);
});
