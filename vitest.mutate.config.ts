// The tests that `npm run mutate` runs against each change: those of the readers, without their long random runs.
import { defineConfig } from 'vitest/config';

// biome-ignore lint/style/noDefaultExport: the form that vitest reads
export default defineConfig({
  test: {
    include: ['src/{topology,proxmox}/**/*.test.ts'],
    exclude: ['**/fuzz-*.test.ts'],
    env: { BERTH_FUZZ: '50' },
    // A test that is slow because the machine is busy must not count as a change noticed.
    testTimeout: 60_000,
    // Thrice as fast; the tests share no state.
    isolate: false,
  },
});
