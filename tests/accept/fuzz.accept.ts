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
    const { parsers, server } = await runCampaign({ seconds: SECONDS, seed, say: console.log });
    for (const [name, { runs, slowestMs }] of parsers) {
      recordFigure(`${name}: inputs`, runs);
      recordFigure(`${name}: slowest input, of CPU time`, slowestMs, 'ms');
    }
    recordFigure('connections to the server', server.connections);
    recordFigure('its memory at most', server.rssMiBMax, 'MiB');
    recordFigure('its slowest answer', server.slowestHealthMs, 'ms');
    expect(server.connections).toBeGreaterThan(SECONDS);
  },
  SECONDS * 1_000 + 180_000,
);
