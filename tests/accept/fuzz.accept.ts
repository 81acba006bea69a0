/**
 * The fuzzers for longer than a test may: a minute with another seed each day, or as long as TIDECAST_FUZZ_SECONDS says
 * (`TIDECAST_FUZZ_SECONDS=3600 npm run accept -- fuzz`: the hour). What is found is written to tests/fixtures/fuzz.
 */
import { expect, test } from 'vitest';
import { runCampaign } from '../fuzz/campaign.ts';
import { recordFigure } from '../support/figures.ts';

const SECONDS = Number(process.env.TIDECAST_FUZZ_SECONDS ?? 60);

test(
  'parsers, WebSockets and the server take hostile input: no crash, no hang, memory bounded',
  async () => {
    const seed = Math.floor(Date.now() / 86_400_000);
    const { parsers, servers } = await runCampaign({ seconds: SECONDS, seed, say: console.log });
    for (const [name, { runs, slowestMs }] of parsers) {
      recordFigure(`${name}: inputs`, runs);
      recordFigure(`${name}: slowest input, of CPU time`, slowestMs, 'ms');
    }
    for (const [i, { connections, rssMiBMax, slowestHealthMs }] of servers.entries()) {
      const name = i === 0 ? 'the server' : 'the server over TLS';
      recordFigure(`connections to ${name}`, connections);
      recordFigure(`${name}: memory at most`, rssMiBMax, 'MiB');
      recordFigure(`${name}: slowest answer`, slowestHealthMs, 'ms');
      expect(connections).toBeGreaterThan(SECONDS / 2);
    }
  },
  SECONDS * 1_000 + 180_000,
);
