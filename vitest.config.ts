// Test projects: `unit` is pure and fast (part of `npm run check`), `e2e` drives a real kernel and a real QEMU.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          setupFiles: ['fixtures/property-seed.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          // Twice as fast; the tests share no state, also in any other order.
          isolate: false,
          maxWorkers: '100%',
          include: ['{src,fixtures,conform,lab,bench,site,packaging}/**/*.test.ts'],
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['e2e/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
