/** What real players asked, as it was recorded (tests/accept/players.accept.ts), asked again of the server of today. */
import { readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { repoRoot } from '../support/find-tools.ts';
import { KEY, Publishers, publishing, startServer, type TestServer, until, writePieces } from './server-support.ts';

const FOLDER = join(repoRoot, 'tests/fixtures/players');
const publishers = new Publishers();
let server: TestServer;

beforeAll(async () => {
  server = await startServer();
  publishers.publish(await publishers.clip(), `${server.rtmpUrl}/live?key=${KEY}`);
  await until(() => publishing(server) && (server.stats()[0]?.gopCacheMs ?? 0) > 300);
});
afterAll(async () => {
  await server.close();
  await publishers.close();
});

const RECORDINGS = readdirSync(FOLDER).sort();

test('those of ffplay, GStreamer, librtmp, mpegts.js and hls.js are there', () => {
  const names = RECORDINGS.map((file) => file.replace(/\.(rtmp|http)$/, ''));
  expect(names).toEqual([
    'ffplay-flv',
    'ffplay-hls',
    'ffplay',
    'gstreamer-flv',
    'gstreamer-hls',
    'gstreamer',
    'hls.js',
    'librtmp',
    'mpegts.js',
  ]);
});

/** In what it answers: of RTMP the status that playing starts, of HTTP a show by FLV or a playlist. */
const ANSWERS = { rtmp: /NetStream\.Play\.Start/, flv: /200 OK[\s\S]*FLV/, hls: /200 OK[\s\S]*mpegurl/i };

/** Of the requests of one connection the first for a show: they were sent one by one, each when the last was answered. */
function showRequest(recorded: Buffer): Buffer {
  const requests = recorded.toString('latin1').split('\r\n\r\n');
  const [first] = requests.filter((request) => /^GET \S*\.(flv|m3u8)/.test(request));
  return Buffer.from(`${first}\r\n\r\n`, 'latin1');
}

test.concurrent.each(RECORDINGS)('%s is answered with the show, in pieces of 97 bytes too', async (file) => {
  const recorded = readFileSync(join(FOLDER, file));
  const kind = file.endsWith('.rtmp') ? 'rtmp' : recorded.includes('m3u8') ? 'hls' : 'flv';
  const bytes = kind === 'rtmp' ? recorded : showRequest(recorded);
  for (const pieceBytes of [bytes.length, 97]) {
    const socket = connect(kind === 'rtmp' ? server.rtmpPort : server.httpPort, '127.0.0.1');
    let answer = '';
    let answeredBytes = 0;
    socket.on('data', (piece: Buffer) => {
      answeredBytes += piece.length;
      if (answer.length < 200_000) answer += piece.toString('latin1');
    });
    socket.on('error', () => {}); // what counts is the answer
    await writePieces(socket, bytes, pieceBytes);
    await until(() => ANSWERS[kind].test(answer) && (kind !== 'flv' || answeredBytes > 60_000));
    socket.destroy();
  }
});
