// Partings of nodes into blocks, against what can be counted and drawn by hand.
import { describe, expect, it } from 'vitest';
import { makeInventory } from '#fixtures/make-inventory.ts';
import { flatShape } from '#fixtures/random-host.ts';
import { partNodes } from './node-blocks.ts';

const { topology } = makeInventory(flatShape(4, 4), []);
const nodes = topology.nodes.map(({ id }) => id);

describe('partNodes()', () => {
  it.each([
    [0, 1],
    [1, 7],
    [2, 14],
    [3, 15],
  ])('parts four nodes with %i ties at most in %i ways', (mostTies, ways) => {
    expect(partNodes(nodes, mostTies, topology)).toHaveLength(ways);
  });

  it('comes to few ties before many, and to short ones before long ones', () => {
    const partings = partNodes(nodes, 3, topology) ?? [];
    const keys = partings.map(({ ties, distance }) => ties * 1000 + distance);
    expect(keys).toEqual([...keys].sort((a, b) => a - b));
  });

  it('has every node in one block of each parting', () => {
    for (const { blocks, ties } of partNodes(nodes, 3, topology) ?? []) {
      expect(blocks.flat().toSorted((a, b) => a - b)).toEqual(nodes);
      expect(blocks.length + ties).toBe(nodes.length);
    }
  });

  it('gives up where there are too many ways', () => {
    const many = makeInventory(flatShape(1, 12), []).topology;
    expect(
      partNodes(
        many.nodes.map(({ id }) => id),
        11,
        many,
      ),
    ).toBeNull();
  });
});
