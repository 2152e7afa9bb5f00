// Random lives of a node in memory: whatever happens in whatever order, in the end everybody is where the placement has them.
import { mkdirSync } from 'node:fs';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { runInterleaving } from '#fixtures/interleavings/run-interleaving.ts';
import { makeTemporaryTree } from '#fixtures/temporary-tree.ts';

// The benchmark of the same name lives 12,000 of them.
it('the agent comes to rest with everybody in place and no CPU lost, whatever happened and wherever it was killed', async () => {
  const root = makeTemporaryTree();
  mkdirSync(`${root}/run/berth`, { recursive: true });
  await fc.assert(
    fc.asyncProperty(fc.nat(), async seed => {
      const { events, wrong, leaked } = await runInterleaving(seed, root);
      expect({ wrong, leaked }, events.join(', ')).toEqual({ wrong: [], leaked: [] });
    }),
    { numRuns: 100 },
  );
});

it.each([247, 390, 1495, 2439])('life %i, in which the removal of a partition was killed at its end', async seed => {
  const root = makeTemporaryTree();
  mkdirSync(`${root}/run/berth`, { recursive: true });
  expect(await runInterleaving(seed, root)).toMatchObject({ wrong: [], leaked: [] });
});
