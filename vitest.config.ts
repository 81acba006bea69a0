import { defineConfig } from 'vitest/config';

/** unit: pure and quick, beside the code. integration: processes and sockets. e2e: browsers. accept: `npm run accept`. */
const project = (name: string, include: string[], timeoutMs: number) => ({
  extends: true as const,
  test: { name, include, testTimeout: timeoutMs, hookTimeout: timeoutMs },
});

export default defineConfig({
  test: {
    environment: 'node',
    projects: [
      project('unit', ['{src-*,viewer,build}/**/*.test.{ts,tsx}', 'tests/{support,bench,lab}/**/*.test.ts'], 10_000),
      project('integration', ['tests/{integration,tooling}/**/*.test.ts'], 60_000),
      project('e2e', ['tests/e2e/**/*.test.ts'], 120_000),
      project('accept', ['tests/accept/**/*.accept.ts'], 900_000),
    ],
  },
});
