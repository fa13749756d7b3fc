import { defineConfig } from 'vitest/config'

const jsx = { jsx: { runtime: 'automatic', importSource: 'preact' } } as const
const shared = { pool: 'forks', testTimeout: 30_000, hookTimeout: 60_000, teardownTimeout: 10_000 } as const
const notOurs = ['**/node_modules/**', '**/dist/**', 'data/**', '.cache/**']

export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      {
        oxc: jsx,
        test: {
          ...shared,
          name: 'unit and wire',
          include: ['**/*.test.ts', '**/*.test.tsx'],
          exclude: [...notOurs, 'web-client/e2e/**'],
          sequence: { groupOrder: 1 },
        },
      },
      {
        oxc: jsx,
        // One browser at a time, after everything else: two of them on a small machine only slow each other down.
        test: {
          ...shared,
          name: 'e2e',
          include: ['web-client/e2e/**/*.test.ts'],
          exclude: notOurs,
          testTimeout: 60_000,
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
})
