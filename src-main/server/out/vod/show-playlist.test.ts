import { expect, test } from 'vitest';
import { PlaylistFollower } from '../../../../tests/support/hls-checker.ts';
import { Show } from '../../record/show.ts';
import { ShowPlaylists } from './show-playlist.ts';

const HEAD = { id: '20261123-011530-042', stream: 'live', startedAtMs: 1_790_000_000_000, targetDurationS: 2 };
const FILE = { initBytes: 800, codecs: ['avc1.64001f'], picture: { widthPx: 1280, heightPx: 720 } };

/** A show that has another publisher every eighth segment, and another format every twentieth. */
function growing(): { show: Show; grow: () => void } {
  const show = new Show('/shows/x', HEAD, true);
  const grow = () => {
    const msn = show.segments.length;
    if (msn % 20 === 0) show.addFile(FILE);
    const gap = msn > 0 && (msn % 8 === 0 || msn % 20 === 0);
    const file = show.files.length - 1;
    show.addSegment({ file, at: 0, bytes: 1_000, durationMs: 2_000, atMs: HEAD.startedAtMs + msn * 2_000, pictures: 60, gap });
  };
  return { show, grow };
}

test('EVENT: each version goes on from the one before, and is what would be written anew', () => {
  const { show, grow } = growing();
  const playlists = new ShowPlaylists(60_000);
  const follower = new PlaylistFollower({ kept: true });
  for (let count = 0; count < 50; count += 1) {
    for (let more = count % 3; more >= 0; more -= 1) grow(); // not everybody asks for each
    const text = playlists.bytes(show, 'event').toString();
    follower.take(text);
    expect(text).toBe(new ShowPlaylists(60_000).bytes(show, 'event').toString());
  }
  show.end();
  expect(follower.take(playlists.bytes(show, 'event').toString())).toMatchObject({ type: 'EVENT', ended: true });
  expect(follower.complaints).toEqual([]);
  expect(follower.last.segments).toHaveLength(show.segments.length);
});

test('a window that is shorter than the show: what has left it is counted, its discontinuities too', () => {
  const { show, grow } = growing();
  const playlists = new ShowPlaylists(20_000);
  const follower = new PlaylistFollower({ kept: true });
  for (let count = 1; count <= 50; count += 1) {
    grow();
    const { mediaSequence, segments, discontinuitySequence } = follower.take(playlists.bytes(show, 'window').toString());
    expect([mediaSequence, segments.length]).toEqual([Math.max(0, count - 10), Math.min(count, 10)]);
    const gone = show.segments.slice(0, mediaSequence).filter(({ gap }) => gap).length;
    expect(discontinuitySequence).toBe(gone);
    expect(segments[0]?.programDateTimeMs).toBe(HEAD.startedAtMs + mediaSequence * 2_000);
  }
  expect(follower.complaints).toEqual([]);
});

test('written once for each state of the show; with a token in every address', () => {
  const { show, grow } = growing();
  const playlists = new ShowPlaylists(60_000);
  grow();
  const first = playlists.bytes(show, 'event');
  expect(playlists.bytes(show, 'event')).toBe(first);
  grow();
  expect(playlists.bytes(show, 'event')).not.toBe(first);
  const lines = playlists.withToken(show, 'event', 'abc').toString().split('\n');
  expect(lines.filter((line) => line.includes('viewer'))).toEqual([
    '#EXT-X-MAP:URI="i0.mp4?viewer=abc"',
    '0.m4s?viewer=abc',
    '1.m4s?viewer=abc',
  ]);
  for (let count = 0; count < 50; count += 1) {
    for (let more = count % 3; more >= 0; more -= 1) grow();
    const text = playlists.withToken(show, 'event', 'abc').toString();
    expect(text).toBe(new ShowPlaylists(60_000).withToken(show, 'event', 'abc').toString());
    expect(text.replaceAll('?viewer=abc', '')).toBe(playlists.bytes(show, 'event').toString());
  }
});
