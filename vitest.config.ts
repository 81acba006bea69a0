import { availableParallelism } from 'node:os';
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';

type ProjectOptions = TestProjectInlineConfiguration['test'];

const project = (name: string, include: string[], timeoutMs: number, more: ProjectOptions) => ({
  extends: true as const,
  test: { name, include, testTimeout: timeoutMs, hookTimeout: timeoutMs, ...more },
});

/** What is pure leaves nothing behind, so files share a process a core: starting one takes longer than most files run. */
const together: ProjectOptions = {
  isolate: false,
  unstubEnvs: true,
  unstubGlobals: true,
  maxWorkers: availableParallelism(),
};
/** Timing is part of what these measure, and there may be two cores: one file at a time. */
const oneByOne: ProjectOptions = { maxWorkers: 1, sequence: { groupOrder: 1 } };

/** unit: pure and quick, beside the code. integration: processes and sockets. e2e: browsers. accept: `npm run accept`. */
export default defineConfig({
  test: {
    environment: 'node',
    // an engine that has started tries all encoders: beside a hundred tests that would be a hundred times
    env: { TIDECAST_ENCODER_PROBE: 'when-asked' },
    // vitest's own second is a pause that a busy machine takes anywhere
    expect: { poll: { timeout: 8_000 } },
    projects: [
      project('unit', ['{src-*,viewer,build}/**/*.test.{ts,tsx}', 'tests/{support,bench,lab}/**/*.test.ts'], 10_000, together),
      project('integration', ['tests/{integration,tooling}/**/*.test.ts'], 60_000, oneByOne),
      project('e2e', ['tests/e2e/**/*.test.ts'], 120_000, oneByOne),
      project('accept', ['tests/accept/**/*.accept.ts'], 900_000, oneByOne),
    ],
  },
});
