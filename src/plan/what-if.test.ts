// Hosts that are not there: what of them follows from the present one.
import { describe, expect, it } from 'vitest';
import { encodeIdList } from '#domain/id-list.ts';
import { unionOf } from '#domain/id-set.ts';
import type { Inventory } from '#domain/inventory.ts';
import type { WhatIf } from '#domain/what-if.ts';
import { makeInventory, makeVm, makeVmRuntime } from '#fixtures/make-inventory.ts';
import { inputFor } from '#fixtures/random-host.ts';
import { shapes } from '#fixtures/shapes.ts';
import { makePlan } from './make-plan.ts';
import { suppose } from './what-if.ts';

const article = (guests: Inventory['guests'] = []) => makeInventory(shapes.article, guests);
const totalMiB = ({ memory }: Inventory) => memory.reduce((sum, of) => sum + of.totalMiB, 0);

describe('suppose()', () => {
  it('smt-off leaves the first thread of every core', () => {
    const { topology } = suppose(article(), ['smt-off']);
    expect(encodeIdList(topology.online)).toBe('0-15');
    expect(topology.cores.map(core => core.cpus.size)).toEqual(Array(16).fill(1));
    expect(topology.nodes.map(node => encodeIdList(node.cpus))).toEqual(['0-7', '8-15']);
    expect(topology.llcs.map(llc => encodeIdList(llc.cpus))).toEqual(['0-7', '8-15']);
  });

  it('nps4 divides every package into four nodes of whole cores or caches, near to each other, with all the memory', () => {
    const supposed = suppose(makeInventory(shapes['epyc-large'], []), ['nps4']);
    expect(supposed.topology.nodes.map(({ id }) => id)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    for (const llc of supposed.topology.llcs) {
      expect(supposed.topology.nodes.filter(node => !node.cpus.isDisjointFrom(llc.cpus))).toHaveLength(1);
    }
    expect([...(supposed.topology.nodes[0]?.distances.values() ?? [])]).toEqual([10, 12, 12, 12, 32, 32, 32, 32]);
    expect(Math.abs(totalMiB(supposed) - totalMiB(makeInventory(shapes['epyc-large'], [])))).toBeLessThan(8);
  });

  it('nps1 makes one node of the nodes of a package', () => {
    const supposed = suppose(makeInventory(shapes['epyc-nps4'], []), ['nps1']);
    expect(supposed.topology.nodes.map(({ cpus, memoryMiB }) => [cpus.size, memoryMiB])).toEqual([
      [32 * 2, 4 * 64_263],
      [32 * 2, 4 * 64_263],
    ]);
    expect(supposed.memory[0]?.hugepages.get(1_048_576)?.total).toBe(64);
    expect(new Set(supposed.topology.cores.map(core => core.node))).toEqual(new Set([0, 1]));
  });

  it('+socket adds CPUs, caches and a node with empty memory behind the present ones', () => {
    const { topology, memory } = suppose(article(), ['+socket']);
    expect(topology.packages.map(({ cpus }) => cpus.size)).toEqual([16, 16, 16]);
    expect(topology.online.size).toBe(48);
    expect(topology.nodes.map(node => [...node.distances.values()])).toEqual([
      [10, 21, 21],
      [21, 10, 21],
      [21, 21, 10],
    ]);
    expect(memory[2]).toMatchObject({ node: 2, totalMiB: 64_432, availableMiB: 64_432 });
  });

  it('frees what guests hold, as none runs after the reboot', () => {
    const runtime = makeVmRuntime(2, [0, 1], { resident: { 0: 10_000 } });
    const before = article([makeVm(100, 2, { runtime })]);
    const supposed = suppose(before, ['smt-off']);
    expect(supposed.guests.map(guest => guest.runtime)).toEqual([null]);
    expect((supposed.memory[0]?.availableMiB ?? 0) - (before.memory[0]?.availableMiB ?? 0)).toBe(10_000);
  });

  const all: WhatIf[][] = [['smt-off'], ['nps1'], ['nps4'], ['+socket'], ['smt-off', 'nps4', '+socket']];
  const names = ['article', 'epyc-nps4', 'ryzen-x3d', 'hybrid', 'memory-only-node'] as const;

  it.each(names.flatMap(name => all.map(whatIfs => ({ name, shape: shapes[name], whatIfs }))))(
    'makes a whole host of $name with $whatIfs, on which one can plan',
    ({ shape, whatIfs }) => {
      const inventory = suppose(makeInventory(shape, [makeVm(100, 2)]), whatIfs);
      const { topology } = inventory;
      expect(unionOf(topology.nodes.map(node => node.cpus)).equals(topology.online)).toBe(true);
      expect(unionOf(topology.cores.map(core => core.cpus)).equals(topology.online)).toBe(true);
      expect(new Set(topology.nodes.map(node => node.id)).size).toBe(topology.nodes.length);
      const inOrder = (nodes: readonly number[]) => nodes.toSorted((a, b) => a - b);
      expect(inOrder(inventory.memory.map(of => of.node))).toEqual(inOrder(topology.nodes.map(node => node.id)));
      expect(makePlan(inputFor(inventory, { 100: { class: 'dedicated' } })).kind).toBe('plan');
    },
  );
});
