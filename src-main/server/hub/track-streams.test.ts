import { expect, test } from 'vitest';
import { AmfArray } from '../../wire/amf0.ts';
import { parseMetadata } from '../../wire/flv.ts';
import { buildExAudioBody } from '../../wire/flv-extended-audio.ts';
import { buildExVideoBody } from '../../wire/flv-extended-video.ts';
import { SERVER_LIMITS } from '../limits.ts';
import { LiveStream } from './live-stream.ts';
import type { PublisherLease } from './publisher.ts';
import { TestSink } from './test-frames.ts';
import { parseTrackChoice } from './track-streams.ts';

const HEADER = Uint8Array.of(0x17, 0, 0, 0, 0, 1);
const SOUND_HEADER = Uint8Array.of(0xaf, 0, 0x11, 0x90);
const IDR = Uint8Array.of(0x17, 1, 0, 0, 0, 1);
const SOUND = Uint8Array.of(0xaf, 1, 1);
const picture = (packet: 'header' | 'nalu', id: number, data: number) =>
  buildExVideoBody({
    key: true,
    packet,
    nanoOffset: null,
    list: 'one',
    tracks: [{ id, fourCc: 'avc1', compositionMs: 0, data: Uint8Array.of(data) }],
  });
const opus = (packet: 'header' | 'frame', id: number) =>
  buildExAudioBody({ packet, nanoOffset: null, list: 'one', tracks: [{ id, fourCc: 'Opus', data: Uint8Array.of(7) }] });

function publish(stream: LiveStream): PublisherLease {
  const lease = stream.publish({ dismiss: () => {} }) as PublisherLease;
  const small = { width: 640, height: 360, videocodecid: 0x61766331 };
  lease.metadata({ width: 1280, height: 720, videocodecid: 7, audiocodecid: 10, videoTrackIdInfoMap: new AmfArray({ 1: small }) });
  lease.media('video', 0, HEADER);
  lease.media('audio', 0, SOUND_HEADER);
  lease.media('video', 0, picture('header', 1, 5));
  lease.media('audio', 0, opus('header', 1));
  return lease;
}

function send(lease: PublisherLease, timestampMs: number): void {
  lease.media('video', timestampMs, IDR);
  lease.media('video', timestampMs, picture('nalu', 1, 9));
  lease.media('audio', timestampMs, SOUND);
  lease.media('audio', timestampMs, opus('frame', 1));
}

const bodies = ({ tags }: TestSink, kind: 'video' | 'audio') => tags.filter((tag) => tag.kind === kind).map(({ body }) => [...body]);

test('a viewer gets the default tracks; who asks for another picture gets that, with the default sound', () => {
  const stream = new LiveStream('live', SERVER_LIMITS, () => {});
  const lease = publish(stream);
  const [ordinary, small, both] = [new TestSink(), new TestSink(), new TestSink()];
  stream.watch(ordinary);
  stream.choose({ video: 1, audio: 0 })?.watch(small);
  stream.choose({ video: 1, audio: 1 })?.watch(both);
  send(lease, 40);
  expect(bodies(ordinary, 'video')).toEqual([HEADER, IDR].map((body) => [...body]));
  expect(bodies(ordinary, 'audio')).toEqual([SOUND_HEADER, SOUND].map((body) => [...body]));
  expect(bodies(small, 'video')).toEqual([
    [0x17, 0, 0, 0, 0, 5],
    [0x17, 1, 0, 0, 0, 9],
  ]);
  expect(bodies(small, 'audio')).toEqual([SOUND_HEADER, SOUND].map((body) => [...body]));
  expect(bodies(both, 'audio').map(([first]) => first)).toEqual([0x90, 0x91]);
  expect([stream.viewers, stream.tracks]).toEqual([3, { video: [0, 1], audio: [0, 1] }]);
});

test('each is told of its own picture', () => {
  const stream = new LiveStream('live', SERVER_LIMITS, () => {});
  const lease = publish(stream);
  const [ordinary, small] = [new TestSink(), new TestSink()];
  stream.watch(ordinary);
  stream.choose({ video: 1, audio: 0 })?.watch(small);
  send(lease, 40);
  const said = ({ tags }: TestSink) => parseMetadata(tags[0]?.body as Uint8Array);
  expect(said(ordinary)).toEqual({ width: 1280, height: 720, videocodecid: 7, audiocodecid: 10 });
  expect(said(small)).toEqual({ width: 640, height: 360, videocodecid: 7, audiocodecid: 10 });
});

test('tracks that nobody sends are none; who asks before the show waits for them, through a publisher that returns', () => {
  const stream = new LiveStream('live', SERVER_LIMITS, () => {});
  const sink = new TestSink();
  stream.choose({ video: 1, audio: 1 })?.watch(sink);
  const first = publish(stream);
  expect(stream.choose({ video: 2, audio: 0 })).toBeNull();
  send(first, 700);
  first.release();
  send(publish(stream), 20);
  expect(sink.summary.replaceAll(/\w+-header@\d+ /g, '')).toBe('key@0 audio@0 key@40 audio@40');
  stream.close();
  expect(sink.ended).toBe(true);
});

test('what nobody watches any more is let go', () => {
  const stream = new LiveStream('live', SERVER_LIMITS, () => {});
  publish(stream);
  const chosen = stream.choose({ video: 1, audio: 0 });
  const viewer = chosen?.watch(new TestSink());
  stream.tick();
  expect(stream.choose({ video: 1, audio: 0 })).toBe(chosen);
  viewer?.leave();
  stream.tick();
  expect([chosen?.publishing, stream.choose({ video: 1, audio: 0 }) === chosen]).toEqual([false, false]);
});

test('a peer cannot fill the memory with headers of tracks', () => {
  const stream = new LiveStream('live', SERVER_LIMITS, () => {});
  const lease = stream.publish({ dismiss: () => {} });
  for (let id = 0; id < 256; id += 1) lease?.media('video', 0, picture('header', id, 1));
  expect(stream.tracks.video).toHaveLength(16);
});

test.each([
  ['', { video: 0, audio: 0 }],
  ['video=1&time=1', { video: 1, audio: 0 }],
  ['video=2&audio=15', { video: 2, audio: 15 }],
  ['video=16', null],
  ['video=-1', null],
  ['audio=1.5', null],
  ['audio=x', null],
])('of "%s" the tracks are %j', (query, choice) => expect(parseTrackChoice(query)).toEqual(choice));
