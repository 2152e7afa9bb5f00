// Why a guest spans nodes, on hosts where it is the only one or one of several.
import { describe, expect, it } from 'vitest';
import type { Reason } from '#domain/plan.ts';
import type { GuestPolicy } from '#domain/policy.ts';
import { makeInventory, makeVm } from '#fixtures/make-inventory.ts';
import { feasiblePlan, flatShape } from '#fixtures/random-host.ts';
import type { Shape } from '#fixtures/shapes.ts';

/** Two nodes of four cores, of which the host keeps one each. */
const fourCores: Shape = flatShape(4);

/** What is said of how the nodes of these guests were chosen. */
function nodeReasons(sizes: readonly number[], wish: Partial<GuestPolicy> = {}): readonly Reason[] {
  const guests = sizes.map((size, index) => makeVm(100 + index, size));
  const wishes = Object.fromEntries(guests.map(({ vmid }) => [vmid, { class: 'dedicated', ...wish } as const]));
  const made = feasiblePlan(makeInventory(fourCores, guests), wishes, 1);
  return made.explanations.flatMap(({ reasons }) =>
    reasons.filter(({ kind }) => kind === 'spans-nodes' || kind === 'fits-one-node'),
  );
}

describe('explainPlacement()', () => {
  it.each([
    { title: 'more vCPUs than a node has CPUs', vcpus: 5 },
    { title: "as many vCPUs as a node has CPUs, of which one is the host's", vcpus: 4 },
    { title: 'an emulator core beside its vCPUs', vcpus: 3, wish: { emulator: 'own' } as const },
  ])('says that no node has the CPUs for a guest with $title', ({ vcpus, wish }) => {
    expect(nodeReasons([vcpus], wish)).toEqual([{ kind: 'spans-nodes', nodes: 2, because: 'cpus' }]);
  });

  it('says that others are there when it would fit into a node without them', () => {
    expect(nodeReasons([2, 2, 2])).toContainEqual({ kind: 'spans-nodes', nodes: 2, because: 'others' });
  });

  it('says that a guest fits when the host leaves it just enough', () => {
    expect(nodeReasons([3])).toMatchObject([{ kind: 'fits-one-node' }]);
  });
});
