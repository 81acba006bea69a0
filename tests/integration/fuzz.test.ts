/** A short run of the fuzzers (tests/fuzz), over inputs that a seed repeats; `npm run fuzz` and the acceptance run go on for longer. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { attack, SERVER_RSS_MIB_MAX, startAttackedServer } from '../fuzz/attack.ts';
import { fuzz } from '../fuzz/fuzz.ts';
import { TARGETS } from '../fuzz/targets.ts';
import { attackWebSockets } from '../fuzz/web-socket-attack.ts';
import { FlvViewer, Publishers, until } from './server-support.ts';

const SEED = 20_261;
/** enough to come through every kind of input a few times */
const RUNS = { handshake: 60, chunk: 250, amf: 1_500, flv: 250, session: 80 } as Record<string, number>;
const ATTACK_MS = 6_000;
const publishers = new Publishers();
afterAll(() => publishers.close());

describe('parsers', () => {
  test.each(TARGETS.map((target) => [target.name, target] as const))(
    '%s gives a value or refuses, soon, whatever comes',
    (name, target) => {
      const { outcomes } = fuzz(target, { seed: SEED, runs: RUNS[name] as number });
      expect(outcomes.size).toBeGreaterThan(2); // else nothing was tried
      if (name === 'session') expect([...outcomes].some((outcome) => outcome.includes('frames'))).toBe(true); // some came as far as the hub
    },
  );

  test('a target that throws something else is found', () => {
    const run = () => {
      throw new TypeError('cannot read');
    };
    const folder = mkdtempSync(join(tmpdir(), 'tidecast-fuzz-'));
    expect(() => fuzz({ name: 'none', generate: () => new Uint8Array(1), run }, { seed: 1, runs: 1, folder })).toThrow(
      /none, seed 1: TypeError: cannot read/,
    );
    expect(readdirSync(join(folder, 'none'))).toHaveLength(1);
    rmSync(folder, { recursive: true });
  });
});

test('frames on our WebSockets: no message is larger than allowed, and the listener lives', async () => {
  const { messages, largestBytes } = await attackWebSockets({ seed: SEED, runs: 150 });
  expect(messages).toBeGreaterThan(5);
  expect(largestBytes).toBeLessThanOrEqual(64 * 1024);
});

test('the server under attack: it lives, answers, stays within its memory, and a show on it goes on', async () => {
  const server = await startAttackedServer(['live', 'show']);
  try {
    publishers.publish(await publishers.clip(), `rtmp://127.0.0.1:${server.rtmpPort}/live/show?key=show`);
    const viewer = await FlvViewer.open(`http://127.0.0.1:${server.httpPort}/live/show.flv`);
    await until(() => viewer.videos.length > 0);
    const report = await attack(server, { seed: SEED, forMs: ATTACK_MS });
    expect(report.connections).toBeGreaterThan(20);
    expect(report.rssMiBMax).toBeLessThan(SERVER_RSS_MIB_MAX);
    const seen = viewer.videos.length;
    await until(() => viewer.videos.length > seen + 5);
    const steps = viewer.videos.slice(1).map(({ timestampMs }, i) => timestampMs - (viewer.videos[i]?.timestampMs ?? 0));
    expect(Math.max(...steps)).toBeLessThan(60); // no picture of it was lost
    viewer.close();
  } finally {
    server.child.kill('SIGKILL');
  }
});
