/** What real publishers sent, as it was recorded (tests/accept/publishers.accept.ts), sent again to the server of today. */
import { readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { repoRoot } from '../support/find-tools.ts';
import { FlvViewer, startServer, type TestServer, until, writePieces } from './server-support.ts';

const FOLDER = join(repoRoot, 'tests/fixtures/publishers');
let server: TestServer;
beforeAll(async () => void (server = await startServer()));
afterAll(() => server.close());

const RECORDINGS = readdirSync(FOLDER).map((name) => name.replace('.rtmp', ''));

test('those of FFmpeg, GStreamer, librtmp, OBS and ourselves are there', () => {
  expect(RECORDINGS.sort()).toEqual(['ffmpeg', 'gstreamer', 'librtmp', 'obs', 'tidecast']);
});

test.each(RECORDINGS.flatMap((name) => [[name, 65_536] as const, [name, 977] as const]))(
  '%s is taken, and its pictures and sound reach a viewer, in pieces of %i bytes',
  async (name, pieceBytes) => {
    const bytes = readFileSync(join(FOLDER, `${name}.rtmp`));
    const viewer = await FlvViewer.open(`${server.httpUrl}/live/live.flv`);
    const socket = connect(server.rtmpPort, '127.0.0.1');
    socket.resume(); // answers are for the client that was
    await writePieces(socket, bytes, pieceBytes);
    await until(() => viewer.videos.length >= 30 && viewer.frames.some(({ kind }) => kind === 'audio'));
    expect(viewer.tags.filter(({ header }) => header).map(({ kind }) => kind)).toEqual(expect.arrayContaining(['video', 'audio']));
    expect(viewer.videos[0]).toMatchObject({ timestampMs: 0, key: true });
    expect(server.stats()[0]?.publishing).toBe(true);
    socket.destroy();
    viewer.close();
    await until(() => server.stats()[0]?.publishing === false);
  },
);
