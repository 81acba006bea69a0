import { availableParallelism } from 'node:os';
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';

type ProjectOptions = TestProjectInlineConfiguration['test'];

const project = (name: string, include: string[], timeoutMs: number, more: ProjectOptions) => ({
  extends: true as const,
  test: { name, include, testTimeout: timeoutMs, hookTimeout: timeoutMs, ...more },
});

/** What is pure leaves nothing behind, so files share a process a core: starting one takes longer than most files run. */
const inOneProcess: ProjectOptions = {
  isolate: false,
  unstubEnvs: true,
  unstubGlobals: true,
  maxWorkers: availableParallelism(),
};
/** These wait for processes, sockets and pages most of the time, and their time limits are only upper ones: neighbours do no harm. */
const together = (maxWorkers: number): ProjectOptions => ({ maxWorkers, sequence: { groupOrder: maxWorkers } });
/** Timing is part of what these measure, and there may be two cores: one file at a time. */
const oneByOne: ProjectOptions = { maxWorkers: 1, sequence: { groupOrder: 9 } };

/** Whoever counts ticks, listens for holes or judges by delay: a neighbour on the same cores would change what they find. */
const REAL_TIME = [
  'tests/integration/encoder{,-conformance-live,-failures,-over-rtmp,-reopening,-sound,-without-node-av}.test.ts',
  'tests/integration/{engine-rates,enhanced-fallback,live-changes,network-lab,network-show,own-video,rehearsal,show-stops,stream-encodes}.test.ts',
];
/** The same of browsers: whoever counts pictures, plays without a stall or judges by delay, and whoever composes shows all the while. */
const REAL_TIME_E2E = [
  'tests/e2e/{broadcast,compositor,compositor-encoder,device-loss,electron-broadcast,electron-port,hls,network,studio,viewer}.test.ts',
];

/**
 * unit: pure and quick, beside the code. integration and real-time: processes and sockets. e2e and e2e-real-time: browsers,
 * of which one that composes takes two cores where there is no graphics card. accept: `npm run accept`.
 */
export default defineConfig({
  test: {
    environment: 'node',
    // of `test.concurrent`: pictures in real time, of which two cores carry three shows of test size
    maxConcurrency: 3,
    // an engine that has started tries all encoders: beside a hundred tests that would be a hundred times
    env: { TIDECAST_ENCODER_PROBE: 'when-asked' },
    // vitest's own second is a pause that a busy machine takes anywhere
    expect: { poll: { timeout: 8_000 } },
    projects: [
      project('unit', ['{src-*,viewer,build}/**/*.test.{ts,tsx}', 'tests/{support,bench,lab}/**/*.test.ts'], 10_000, inOneProcess),
      project('integration', ['tests/{integration,tooling}/**/*.test.ts'], 60_000, { ...together(3), exclude: REAL_TIME }),
      project('real-time', REAL_TIME, 60_000, oneByOne),
      project('e2e', ['tests/e2e/**/*.test.ts'], 120_000, { ...together(2), exclude: REAL_TIME_E2E }),
      project('e2e-real-time', REAL_TIME_E2E, 120_000, oneByOne),
      project('accept', ['tests/accept/**/*.accept.ts'], 900_000, oneByOne),
    ],
  },
});
