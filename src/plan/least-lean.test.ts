// How much farther memory must be: by hand, where nodes have too little of it for their CPUs.
import { describe, expect, it } from 'vitest';
import { makeInventory, makeVm } from '#fixtures/make-inventory.ts';
import { flatShape, inputFor } from '#fixtures/random-host.ts';
import type { Problem } from './arrangement.ts';
import { makeDemands } from './demand.ts';
import { makeHostModel } from './host-model.ts';
import { makeHousekeeping } from './housekeeping.ts';
import { leastLeanDistance } from './least-lean.ts';

/** Four CPUs on every node but the first, where one of them is the host's; 10 farther from each other than from themselves. */
function problemOf(freeMiB: readonly number[], guests: ReadonlyArray<{ vcpus: number; memoryMiB: number }>): Problem {
  const vms = guests.map(({ vcpus, memoryMiB }, index) => makeVm(100 + index, vcpus, { memoryMiB }));
  const wishes = Object.fromEntries(vms.map(({ vmid }) => [vmid, { class: 'dedicated', smt: 'any' } as const]));
  const inventory = makeInventory(flatShape(4, freeMiB.length), vms);
  const input = inputFor(inventory, wishes);
  const demands = makeDemands(inventory, input.wishes, 'any');
  const host = makeHostModel(inventory, makeHousekeeping(input, input.housekeeping), demands);
  return {
    demands,
    host,
    memoryMiB: new Map(inventory.memory.map(({ node }, at) => [node, freeMiB[at] ?? 0])),
    mostMoves: null,
  };
}

const guest = (vcpus: number, memoryMiB: number) => ({ vcpus, memoryMiB });

describe('leastLeanDistance()', () => {
  it.each([
    { what: 'nobody', freeMiB: [100, 100], guests: [], least: 0 },
    { what: 'memory enough', freeMiB: [4000, 4000], guests: [guest(4, 4000), guest(4, 4000)], least: 0 },
    { what: 'CPUs enough elsewhere', freeMiB: [2000, 6000], guests: [guest(4, 4000), guest(2, 2000)], least: 0 },
    { what: 'too little on one node', freeMiB: [2000, 6000], guests: [guest(4, 4000), guest(3, 3000)], least: 10 },
    { what: 'two nodes too small', freeMiB: [2000, 2000, 9000], guests: [guest(4, 4000), guest(7, 7000)], least: 20 },
    { what: 'one of two is enough', freeMiB: [2000, 2000, 9000], guests: [guest(4, 4000), guest(6, 6000)], least: 10 },
    { what: 'somebody who needs little', freeMiB: [2000, 6000], guests: [guest(4, 400), guest(4, 4000)], least: 0 },
    { what: 'more than there is room for', freeMiB: [2000, 6000], guests: [guest(9, 9000)], least: 0 },
  ])('$what: $least', ({ freeMiB, guests, least }) => {
    expect(leastLeanDistance(problemOf(freeMiB, guests))).toBe(least);
  });

  it('does not know memory that the host does not tell', () => {
    const { memoryMiB: _, ...problem } = problemOf([2000, 6000], [guest(4, 4000), guest(4, 4000)]);
    expect(leastLeanDistance({ ...problem, memoryMiB: new Map() })).toBe(0);
  });

  it('takes hugepages and pages pinned by a device as there already', () => {
    const problem = problemOf([2000, 6000], [guest(4, 4000), guest(4, 4000)]);
    for (const held of [{ pageMiB: 2 }, { pinsPages: true }])
      expect(leastLeanDistance({ ...problem, demands: problem.demands.map(one => ({ ...one, ...held })) })).toBe(0);
  });
});
