import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src-*/**/*.test.{ts,tsx}', 'viewer/**/*.test.ts', 'tests/**/*.test.ts', 'build/**/*.test.ts'],
    environment: 'node',
  },
});
