// The tests that `npm run mutate` runs against each change: those of the readers, without their long random runs.
import { defineConfig } from 'vitest/config';

// biome-ignore lint/style/noDefaultExport: the form that vitest reads
export default defineConfig({
  test: {
    include: ['src/{topology,proxmox}/**/*.test.ts'],
    exclude: ['**/fuzz-*.test.ts'],
    // Thrice as fast; the tests share no state.
    isolate: false,
  },
});
