// Which guests could have which nodes for themselves, against what can be counted by hand, and which of that is the same.
import { describe, expect, it } from 'vitest';
import { cpuSet } from '#domain/id-set.ts';
import { makeInventory, makeVm } from '#fixtures/make-inventory.ts';
import { flatShape, inputFor, type WishList } from '#fixtures/random-host.ts';
import type { Problem } from './arrangement.ts';
import { makeDemands } from './demand.ts';
import { makeHostModel } from './host-model.ts';
import { lowerBounds } from './lower-bounds.ts';
import { formsIn, makeRoomier } from './quarter-forms.ts';
import { makeQuarters } from './quarters.ts';

/** Three nodes of four cores without threads, and guests with so many vCPUs each. */
function problemOf(vcpus: readonly number[], memoryMiB: readonly number[] = [8192, 8192, 8192]): Problem {
  const vms = vcpus.map((count, index) => makeVm(100 + index, count, { memoryMiB: 1024 }));
  const inventory = makeInventory(flatShape(4, 3), vms);
  const wishes: WishList = Object.fromEntries(vms.map(({ vmid }) => [vmid, { class: 'dedicated', smt: 'any' }]));
  const input = inputFor(inventory, wishes);
  const demands = makeDemands(inventory, input.wishes, 'any');
  const host = makeHostModel(inventory, cpuSet(), demands);
  const ofNodes = inventory.topology.nodes.map(({ id }, at) => [id, memoryMiB[at] ?? 0] as const);
  return { demands, host, memoryMiB: new Map(ofNodes), mostMoves: null };
}

function quartersOf(problem: Problem, nodes: number) {
  const made = makeQuarters(problem, { bounds: lowerBounds(problem) ?? [], most: [nodes] });
  return made?.quarters.map(({ block, counts }) => `${counts.join()} in ${block.join()}`);
}

describe('makeQuarters()', () => {
  it.each<[string, Problem, number, readonly string[]]>([
    ['gives a guest every node that it fits', problemOf([4]), 1, ['1 in 0', '1 in 1', '1 in 2']],
    [
      'leaves out what leaves others too little',
      problemOf([4, 4, 3]),
      3,
      [0, 1, 2].flatMap(node => [`0,1 in ${node}`, `1,0 in ${node}`]),
    ],
    ['ties nodes where guests may span them', problemOf([8]), 2, ['1 in 0,1', '1 in 0,2', '1 in 1,2']],
    ['makes nothing of guests that need more nodes than they may have', problemOf([8]), 1, []],
    [
      'puts no more memory into a node than it has',
      problemOf([1, 1, 1], [2048, 1024, 1024]),
      3,
      ['1 in 0', '2 in 0', '1 in 1', '1 in 2'],
    ],
    [
      'counts memory that is not known as endless',
      problemOf([4], [2048, Number.POSITIVE_INFINITY, 0]),
      1,
      ['1 in 0', '1 in 1'],
    ],
  ])('%s', (_, problem, nodes, expected) => {
    expect(quartersOf(problem, nodes)?.toSorted()).toEqual(expected.toSorted());
  });

  it('gives up where few may be moved, or where guests share CPUs', () => {
    const free = problemOf([4, 4]);
    const demands = free.demands.map(demand => ({ ...demand, class: 'confined' as const }));
    expect(quartersOf({ ...free, mostMoves: 1 }, 2)).toBeUndefined();
    expect(quartersOf({ ...free, demands }, 2)).toBeUndefined();
  });
});

describe('formsIn()', () => {
  const countForms = (problem: Problem) => {
    const made = makeQuarters(problem, { bounds: lowerBounds(problem) ?? [], most: [2] });
    return new Set(made?.quarters.map(formsIn(problem).formOf)).size;
  };

  it.each<[string, readonly number[], number]>([
    ['takes pairs of equal nodes for mirror images', [8192, 8192, 8192], 1],
    ['tells pairs with more memory apart', [8192, 8192, 16_384], 2],
    ['tells all apart where all differ', [8192, 9000, 16_384], 3],
  ])('%s', (_, memoryMiB, forms) => {
    expect(countForms(problemOf([8], memoryMiB))).toBe(forms);
  });

  it('takes none for mirror images where a guest knows a node', () => {
    const problem = problemOf([8]);
    const [first] = problem.host.nodeSets;
    const demands = problem.demands.map(demand => ({ ...demand, deviceNodes: first ?? [] }));
    expect(countForms({ ...problem, demands })).toBe(3);
  });
});

describe('makeRoomier()', () => {
  it('rounds memory up to that of the roomiest node that is nearly alike, and no further', () => {
    const { memoryMiB } = makeRoomier(problemOf([4], [8192, 8100, 4096]));
    expect([...memoryMiB.values()]).toEqual([8192, 8192, 4096]);
  });
});
