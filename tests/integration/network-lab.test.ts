/** The lab itself (docs/network-lab.md): that its link does what it is told, and that it leaves nothing behind. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { traceOfRate } from '../../src-main/engine/link/trace.ts';
import { listNamespaces, sweepNamespaces, whyNoNamespaces } from '../lab/net/namespaces.ts';
import { NetLab } from '../lab/net/net-lab.ts';
import { FIXED, profileAt } from '../lab/net/scenarios.ts';
import { deliveries, timesRise } from '../lab/net/trails.ts';

const LINK = { delayMs: 20, bufferBytes: 1_000_000, lossPct: 0 };
const KBPS = 1_500;

const why = whyNoNamespaces();
if (why) console.log(`no network lab here: ${why}`);

test('a show crosses the link whole, later by its delay, and no faster than its trace', async ({ skip }) => {
  skip(why !== null, why ?? '');
  await using lab = await NetLab.open([LINK]);
  const [link] = lab.links;
  const receiver = await lab.receiver();
  const show = await lab.show(profileAt(1_000, { widthPx: 640, heightPx: 360 }), [{ url: receiver.url, settings: FIXED }]);
  await show.invoke('session.start');
  const startMs = (await link?.follow(traceOfRate(60_000, () => KBPS))) ?? 0;
  await sleep(3_000);
  await show.invoke('session.stop');

  const { encoded } = await show.log();
  const { sessions, media } = await receiver.log();
  expect(sessions).toEqual([expect.objectContaining({ refusedMs: null })]);
  const firstMs = media[0]?.timestampMs ?? 0;
  expect(firstMs).toBe(0);
  const found = deliveries(encoded, media).filter((delivery) => delivery.received);
  expect(found).toHaveLength(media.length);
  expect(media.filter(({ kind }) => kind === 'video').length).toBeGreaterThan(60);
  expect(timesRise(media)).toBe(true);
  const delaysMs = found.map(({ encoded: { atMs }, received }) => (received?.atMs ?? 0) - atMs);
  expect(Math.min(...delaysMs)).toBeGreaterThanOrEqual(LINK.delayMs);
  const bytes = media.filter(({ atMs }) => atMs > startMs && atMs <= startMs + 3_000).reduce((sum, trail) => sum + trail.bytes, 0);
  expect(bytes).toBeLessThanOrEqual((KBPS / 8) * (3_000 + LINK.delayMs));
  expect(await lab.connections()).toBe(0);
});

test('what a run that was killed has left behind is removed by the next', async ({ skip }) => {
  skip(why !== null, why ?? '');
  const code = `import { NetLab } from ${JSON.stringify(new URL('../lab/net/net-lab.ts', import.meta.url).href)};
    const lab = await NetLab.open([${JSON.stringify(LINK)}]);
    console.log('open');
    setInterval(() => lab.connections(), 60_000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  const isTheirs = (name: string) => name.includes(`-${child.pid}-`);
  expect(listNamespaces().filter(isTheirs)).toHaveLength(2);
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
  sweepNamespaces();
  expect(listNamespaces().filter(isTheirs)).toEqual([]);
});
