// Pools of hugepages against what the placed guests need of them.
import { describe, expect, it } from 'vitest';
import { makeInventory, makeVm } from '#fixtures/make-inventory.ts';
import { feasiblePlan, flatShape, type WishList } from '#fixtures/random-host.ts';
import type { Shape } from '#fixtures/shapes.ts';
import { poolAdvice } from './hugepage-pools.ts';

const GIB_KIB = 1_048_576;

/** Two nodes with pools of 1 GiB pages. */
function shapeWith(totals: readonly [number, number]): Shape {
  const flat = flatShape(8);
  const nodes = flat.nodes.map((node, index) => {
    const total = totals[index] ?? 0;
    return { ...node, hugepages: { [GIB_KIB]: { total, free: total }, 2048: { total: 0, free: 0 } } };
  });
  return { ...flat, nodes };
}

function adviceFor(totals: readonly [number, number], sizes: readonly number[], wish: WishList[number]) {
  const guests = sizes.map((memoryMiB, index) => makeVm(100 + index, 2, { memoryMiB }));
  const inventory = makeInventory(shapeWith(totals), guests);
  const list = Object.fromEntries(guests.map(({ vmid }) => [vmid, { class: 'dedicated', ...wish } as const]));
  return [...poolAdvice(feasiblePlan(inventory, list).placement, inventory)];
}

describe('poolAdvice()', () => {
  it('counts the pages that the guests of a node need together', () => {
    const [first] = adviceFor([1, 0], [2048], { hugepages: '1G' });
    expect(first).toMatchObject({
      node: expect.any(Number),
      sizeKiB: GIB_KIB,
      needed: 2,
      total: expect.any(Number),
      vmids: [100],
    });
  });

  it.each<[string, readonly [number, number], readonly number[], WishList[number], number]>([
    ['pools that are large enough', [8, 8], [2048, 2048], { hugepages: '1G' }, 0],
    ['pools that have just enough', [2, 2], [2048], { hugepages: '1G' }, 0],
    ['guests without hugepages', [0, 0], [2048, 4096], {}, 0],
    ['guests whose policy takes them away', [0, 0], [2048], { hugepages: 'none' }, 0],
    ['a pool that is too small', [0, 0], [2048], { hugepages: '1G' }, 1],
    ['2 MiB pages', [9, 9], [64], { hugepages: '2M' }, 1],
  ])('finds what is missing for %s', (_, totals, sizes, wish, count) => {
    expect(adviceFor(totals, sizes, wish)).toHaveLength(count);
  });
});
