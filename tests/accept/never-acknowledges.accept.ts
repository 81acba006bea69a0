/** Ten minutes at a server that never acknowledges: nothing is taken for dead, neither a show nor a trickle of sound. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { mediaMessage } from '../../src-main/wire/rtmp/message.ts';
import { recordFigure } from '../support/figures.ts';
import { makeClip } from '../support/h264-feed.ts';
import { startRig } from '../support/publish-harness.ts';
import { openRtmpLine } from '../support/rtmp-line.ts';
import { startNodeMediaServer } from '../support/rtmp-peers.ts';

const SHOW_MS = 10 * 60_000;

test('node-media-server: 10 minutes without a false alarm', async () => {
  const peer = await startNodeMediaServer();
  const rig = startRig(await makeClip(), { url: peer.url, streamKey: peer.streamKey, tuning: {} });
  const sound = await openRtmpLine(peer.url, { streamKey: 'sound' });
  const frame = mediaMessage('audio', sound.connection.streamId, 0, new Uint8Array(64)); // 24 kbps
  try {
    await rig.until('live');
    const evidence = new Set<string>();
    for (const endMs = performance.now() + SHOW_MS; performance.now() < endMs; await sleep(21)) {
      sound.connection.send(frame);
      evidence.add(rig.publisher.stats.evidence);
    }
    expect(sound.lost).toEqual([]);
    expect(rig.states.map(({ phase }) => phase)).toEqual(['connecting', 'live']);
    expect([...evidence]).not.toContain('ack');
    recordFigure('alarms', sound.lost.length + rig.states.length - 2);
  } finally {
    await sound.connection.close(0);
    await rig.stop();
    await peer.dispose();
  }
});
