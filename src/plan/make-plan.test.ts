// The planner on small hosts: known hard cases of greedy placement, hard rules, and laws over random hosts and guests.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Guest } from '#domain/guest.ts';
import { encodeIdList } from '#domain/id-list.ts';
import { cpuSet, unionOf } from '#domain/id-set.ts';
import { ownCpus, reservedCpus } from '#domain/placement.ts';
import type { Infeasible, Plan } from '#domain/plan.ts';
import { makeContainer, makeInventory, makeVm, makeVmRuntime } from '#fixtures/make-inventory.ts';
import { runs } from '#fixtures/property-runs.ts';
import { afterApply, anyHost, buildHost, feasiblePlan, flatShape, planFor } from '#fixtures/random-host.ts';
import { type Shape, shapes } from '#fixtures/shapes.ts';

const placed = (made: Plan, vmid: number) => {
  const guest = made.placement.guests.find(candidate => candidate.vmid === vmid);
  if (!guest) throw new Error(`guest ${vmid} is not placed`);
  return guest;
};
const pins = (made: Plan, vmid: number): string =>
  placed(made, vmid)
    .vcpus.map(cpus => encodeIdList(cpus))
    .join(' ');
const nodesOf = (made: Plan, vmid: number): string => encodeIdList(placed(made, vmid).nodes);

const dedicated = { class: 'dedicated' } as const;

describe('makePlan() on cases that greedy placement loses', () => {
  it.each([
    { title: '3, 3, 5, 5 on two nodes of 8', sizes: [3, 3, 5, 5] },
    { title: '4, 4, 8 on two nodes of 8', sizes: [4, 4, 8] },
    { title: '8, 4, 4 on two nodes of 8', sizes: [8, 4, 4] },
    { title: '2, 2, 3, 3, 3, 3 on two nodes of 8', sizes: [2, 2, 3, 3, 3, 3] },
  ])('puts every guest of $title into one node', ({ sizes }) => {
    const guests = sizes.map((size, index) => makeVm(100 + index, size));
    // Nine cores on node 0, because the boot core always stays with the host.
    const shape: Shape = { ...flatShape(8) };
    const inventory = makeInventory(
      { ...shape, llcs: shape.llcs.map((llc, id) => ({ ...llc, cores: [{ count: id === 0 ? 9 : 8, threads: 1 }] })) },
      guests,
    );
    const made = feasiblePlan(inventory, Object.fromEntries(guests.map(({ vmid }) => [vmid, dedicated])));
    expect(guests.map(({ vmid }) => nodesOf(made, vmid)).filter(nodes => nodes.length > 1)).toEqual([]);
    expect(made.proof).toEqual({ kind: 'optimal' });
  });

  it('keeps the whole cache domain for the guest that needs it: 6 and 4 on LLCs with 3, 3 and 4 free', () => {
    const shape: Shape = {
      ...flatShape(1, 1),
      llcs: [4, 3, 4].map(count => ({ package: 0, node: 0, sizeKiB: 8192, cores: [{ count, threads: 1 as const }] })),
    };
    const made = feasiblePlan(makeInventory(shape, [makeVm(100, 6), makeVm(101, 4)]), {
      100: dedicated,
      101: dedicated,
    });
    expect(pins(made, 101)).toBe('7 8 9 10');
    expect(pins(made, 100)).toBe('1 2 3 4 5 6');
  });

  it('spans two nodes of one socket, not the first two with room', () => {
    const shape = flatShape(8, 4);
    const distances = [
      [10, 32, 12, 32],
      [32, 10, 32, 12],
      [12, 32, 10, 32],
      [32, 12, 32, 10],
    ];
    const made = feasiblePlan(makeInventory({ ...shape, distances }, [makeVm(100, 14)]), { 100: dedicated });
    expect(nodesOf(made, 100)).toBe('0,2');
  });

  it('spans the nodes that are near in both directions, not in one alone', () => {
    const distances = [
      [10, 16, 28],
      [20, 10, 16],
      [24, 18, 10],
    ];
    const made = feasiblePlan(makeInventory({ ...flatShape(8, 3), distances }, [makeVm(100, 14)]), { 100: dedicated });
    expect(nodesOf(made, 100)).toBe('1-2');
  });
});

describe('makePlan() and its hard rules', () => {
  const article = (guests: readonly Guest[]) => makeInventory(shapes.article, guests);

  it('gives each vCPU of `isolate` a core of its own, in order, with the siblings idle', () => {
    const made = feasiblePlan(article([makeVm(100, 4)]), { 100: { ...dedicated, smt: 'isolate' } }, 1);
    expect(pins(made, 100)).toBe('1 2 3 4');
    expect(encodeIdList(cpuSet(reservedCpus(made.placement, article([]).topology).keys()))).toBe('1-4,17-20');
  });

  it('puts vCPUs 2k and 2k+1 of `pairs` on the threads of one core', () => {
    const made = feasiblePlan(article([makeVm(100, 4)]), { 100: { ...dedicated, smt: 'pairs' } }, 1);
    expect(pins(made, 100)).toBe('1 17 2 18');
  });

  it('refuses `pairs` where cores have one thread', () => {
    const made = planFor(makeInventory(flatShape(4), [makeVm(100, 2)]), { 100: { ...dedicated, smt: 'pairs' } });
    expect(made).toMatchObject({ kind: 'infeasible', lack: 'core-kind', proved: true });
  });

  it('does not leave `pairs` on cores with one thread because the guest runs there now', () => {
    const core = (threads: 1 | 2, count: number) => ({
      package: 0,
      node: 0,
      sizeKiB: 8192,
      cores: [{ count, threads }],
    });
    const runtime = (pinned: number[]) => makeVmRuntime(pinned.length, [0, 1, 2, 3, 4], { pins: pinned });
    const guests = [makeVm(100, 1, { runtime: runtime([2]) }), makeVm(101, 2, { runtime: runtime([3, 4]) })];
    const inventory = makeInventory({ ...flatShape(1, 1), llcs: [core(2, 3), core(1, 2)] }, guests);
    // Two cores with two threads are free: the first guest and its emulator need both.
    const pairs = { ...dedicated, smt: 'pairs' } as const;
    const made = planFor(inventory, { 100: { ...pairs, emulator: 'own' }, 101: pairs });
    expect(made).toMatchObject({ kind: 'infeasible', proved: true });
  });

  it('mixes no core kinds in one guest, and prefers performance cores', () => {
    const hybrid = makeInventory(shapes.hybrid, [makeVm(100, 4), makeVm(101, 8)]);
    const made = feasiblePlan(hybrid, { 100: dedicated, 101: dedicated }, 1);
    for (const vmid of [100, 101]) {
      const cores = hybrid.topology.cores.filter(core => !core.cpus.isDisjointFrom(ownCpus(placed(made, vmid))));
      expect(new Set(cores.map(core => core.kind))).toEqual(new Set(['performance']));
    }
  });

  it('starts a dedicated guest with its own CPUs and the housekeeping CPUs of its node', () => {
    const made = feasiblePlan(article([makeVm(100, 2)]), { 100: dedicated }, 1);
    expect(encodeIdList(placed(made, 100).affinity)).toBe('0-1,16-17');
    expect(encodeIdList(placed(made, 100).emulator)).toBe('0,16');
  });

  it('gives emulator threads a core of their own when asked', () => {
    const made = feasiblePlan(article([makeVm(100, 2)]), { 100: { ...dedicated, emulator: 'own' } }, 1);
    expect(pins(made, 100)).toBe('1 17');
    expect(encodeIdList(placed(made, 100).emulator)).toBe('2,18');
  });

  it('leaves emulator threads on the core of their own when another guest could take a lower one', () => {
    const own = { ...dedicated, emulator: 'own' } as const;
    const wishes = { 100: { ...own, smt: 'isolate' }, 101: { ...own, smt: 'any' } } as const;
    const pinned = makeVmRuntime(2, [0, 1, 2], { pins: [1, 2] });
    const inventory = article([makeVm(100, 1), makeVm(101, 2, { runtime: pinned })]);
    const made = feasiblePlan(inventory, wishes, 0);
    expect(feasiblePlan(afterApply(inventory, made), wishes, 0).changes).toEqual([]);
  });

  describe('with little memory on one of two nodes', () => {
    const uneven = (memoryMiB: number, more = {}) => {
      const shape = flatShape(8);
      const nodes = shape.nodes.map(node => ({
        ...node,
        memoryMiB: node.id === 0 ? 8192 : 1024,
        freeMiB: node.id === 0 ? 8192 : 1024,
        cacheMiB: 0,
      }));
      return makeInventory({ ...shape, nodes }, [makeVm(100, 12, { memoryMiB, ...more })]);
    };
    const partsIn = (made: Plan) =>
      placed(made, 100).memory?.parts.map(part => [part.hostNode, part.memoryMiB, part.vcpus.length]);
    const distance = (made: Plan) => made.aims.find(({ aim }) => aim === 'distance')?.value;

    it('keeps memory in proportion where that fits', () => {
      const made = feasiblePlan(uneven(2000), { 100: dedicated });
      expect(partsIn(made)).toEqual([
        [0, 1000, 6],
        [1, 1000, 6],
      ]);
      expect(distance(made)).toBe(20);
    });

    it('gives the node less than its share where it has no more, which counts as distance', () => {
      const inventory = uneven(6000);
      const made = feasiblePlan(inventory, { 100: dedicated });
      expect(partsIn(made)).toEqual([
        [0, 4976, 6],
        [1, 1024, 6],
      ]);
      expect(distance(made)).toBe(30);
      expect(made.proof).toEqual({ kind: 'optimal' });
      expect(planFor(afterApply(inventory, made), { 100: dedicated })).toMatchObject({ changes: [] });
    });

    it.each([
      ['hugepages', { hugepages: '2' }],
      ['memory hotplug', { memoryHotplug: true }],
    ])('has no plan for a guest with %s, whose memory stays in proportion', (_, more) => {
      expect(planFor(uneven(6000, more), { 100: dedicated })).toMatchObject({
        kind: 'infeasible',
        lack: 'memory',
        proved: true,
      });
    });
  });

  it('splits vCPUs and memory of a guest that spans nodes, in the order of the host', () => {
    const made = feasiblePlan(article([makeVm(100, 20, { memoryMiB: 20_001 })]), { 100: dedicated }, 1);
    const { memory, vcpus } = placed(made, 100);
    expect(memory?.parts.map(part => [part.hostNode, part.memoryMiB, part.vcpus.length])).toEqual([
      [0, 10_000, 10],
      [1, 10_001, 10],
    ]);
    const firstHalf = unionOf(vcpus.slice(0, 10));
    expect(firstHalf.isSubsetOf(article([]).topology.nodes[0]?.cpus ?? cpuSet())).toBe(true);
  });

  it('moves a guest to the node with memory for it', () => {
    const made = feasiblePlan(article([makeVm(100, 2, { memoryMiB: 30_000 })]), { 100: dedicated }, 1);
    expect(nodesOf(made, 100)).toBe('1');
  });

  it('counts memory that a running guest holds already as there for it', () => {
    const runtime = makeVmRuntime(2, [0, 1], { resident: { 0: 30_000 } });
    const made = feasiblePlan(article([makeVm(100, 2, { memoryMiB: 30_000, runtime })]), { 100: dedicated }, 1);
    expect(nodesOf(made, 100)).toBe('0');
  });

  it('takes hugepages from their pool, and only on nodes whose id has one digit', () => {
    const [first] = shapes.article.nodes;
    if (!first) throw new Error('the article shape has nodes');
    // 21 GiB free and 40 GiB in 1 GiB pages: 32 GiB fit as hugepages only.
    const pool = { ...first, hugepages: { 2048: { total: 0, free: 0 }, 1048576: { total: 40, free: 40 } } };
    const inventory = (id: number, hugepages: string | null) =>
      makeInventory(
        { ...flatShape(4, 1), llcs: flatShape(4, 1).llcs.map(llc => ({ ...llc, node: id })), nodes: [{ ...pool, id }] },
        [makeVm(100, 2, { memoryMiB: 32_768, hugepages })],
      );
    expect(planFor(inventory(9, '1024'), { 100: dedicated }).kind).toBe('plan');
    expect(planFor(inventory(9, null), { 100: dedicated })).toMatchObject({ lack: 'memory' });
    expect(planFor(inventory(9, '2'), { 100: dedicated })).toMatchObject({ lack: 'memory' });
    expect(planFor(inventory(10, '1024'), { 100: dedicated }).kind).toBe('infeasible');
  });

  it('keeps shared VMs off dedicated CPUs, and narrows an affinity of their own', () => {
    const guests = [makeVm(100, 2), makeVm(101, 2), makeVm(102, 2, { raw: new Map([['affinity', '0-3']]) })];
    const made = feasiblePlan(article(guests), { 100: dedicated }, 1);
    expect(encodeIdList(placed(made, 101).affinity)).toBe('0,2-16,18-31');
    expect(encodeIdList(placed(made, 102).affinity)).toBe('0,2-3');
  });

  it('gives containers as many CPUs as they ask for, spread over what is left', () => {
    const guests = [makeVm(100, 12), makeContainer(200, 2), makeContainer(201, 2), makeContainer(202, null)];
    const made = feasiblePlan(article(guests), { 100: dedicated }, 1);
    const reserved = cpuSet(reservedCpus(made.placement, article([]).topology).keys());
    const sets = [200, 201, 202].map(vmid => placed(made, vmid).affinity);
    expect(sets.map(set => set.isDisjointFrom(reserved))).toEqual([true, true, true]);
    expect(sets.map(set => set.size)).toEqual([2, 2, 32 - reserved.size]);
    expect(sets[0]?.isDisjointFrom(sets[1] ?? cpuSet())).toBe(true);
  });

  it('gives a dedicated container CPUs of its own', () => {
    const made = feasiblePlan(article([makeContainer(200, 2)]), { 200: { ...dedicated, smt: 'isolate' } }, 1);
    expect(encodeIdList(placed(made, 200).affinity)).toBe('1-2');
    expect(placed(made, 200).memory).toBeNull();
  });

  it('confines guests to one node each and balances them', () => {
    const guests = [makeVm(100, 8), makeVm(101, 8)];
    const confined = { class: 'confined' } as const;
    const made = feasiblePlan(article(guests), { 100: confined, 101: confined }, 1);
    expect([nodesOf(made, 100), nodesOf(made, 101)].sort()).toEqual(['0', '1']);
  });

  it('changes nothing when the policy asks for nothing', () => {
    expect(feasiblePlan(article([makeVm(100, 4), makeContainer(200, 2)]), {}).changes).toEqual([]);
  });

  it('names the requests that cannot stand together, and only those', () => {
    const guests = [makeVm(100, 2), makeVm(101, 20), makeVm(102, 20), makeVm(103, 1)];
    const made = planFor(article(guests), { 100: dedicated, 101: dedicated, 102: dedicated, 103: dedicated }, 1);
    expect(made).toMatchObject({ kind: 'infeasible', lack: 'cores', proved: true });
    expect((made as Infeasible).conflict.map(request => request.vmid)).toEqual([101, 102]);
  });

  it('says that memory is lacking when cores are not', () => {
    const made = planFor(article([makeVm(100, 2, { memoryMiB: 900_000 })]), { 100: dedicated }, 1);
    expect(made).toMatchObject({ kind: 'infeasible', lack: 'memory' });
  });

  it('refuses a container that would be left with fewer CPUs than it asks for', () => {
    const made = planFor(article([makeVm(100, 28), makeContainer(200, 8)]), { 100: dedicated }, 1);
    expect(made).toMatchObject({ kind: 'infeasible', lack: 'cpus', conflict: [{ vmid: 200 }] });
  });

  it('isolates by default while half of the host stays free, and fills cores when it would not', () => {
    const auto = { class: 'dedicated', smt: 'auto' } as const;
    expect(placed(feasiblePlan(article([makeVm(100, 7)]), { 100: auto }, 1), 100).smt).toBe('isolate');
    expect(placed(feasiblePlan(article([makeVm(100, 12)]), { 100: auto }, 1), 100).smt).toBe('any');
  });
});

describe('laws of makePlan()', () => {
  it('places only on online CPUs, no CPU for two owners, nothing on the housekeeping cores', () => {
    fc.assert(
      fc.property(anyHost, host => {
        const { inventory, wishes, coresPerNode } = buildHost(host);
        const made = planFor(inventory, wishes, coresPerNode);
        if (made.kind === 'infeasible') return;
        const seen = new Set<number>();
        for (const guest of made.placement.guests) {
          expect(guest.affinity.isSubsetOf(inventory.topology.online)).toBe(true);
          for (const cpu of ownCpus(guest)) {
            expect(seen.has(cpu)).toBe(false);
            expect(made.placement.housekeeping.has(cpu)).toBe(false);
            seen.add(cpu);
          }
        }
      }),
      runs(150),
    );
  });

  it('changes nothing when it plans a host that follows its plan', () => {
    fc.assert(
      fc.property(anyHost, host => {
        const { inventory, wishes, coresPerNode } = buildHost(host);
        const made = planFor(inventory, wishes, coresPerNode);
        if (made.kind === 'infeasible') return;
        const again = planFor(afterApply(inventory, made), wishes, coresPerNode) as Plan;
        expect(again.changes).toEqual([]);
        expect(again.placement).toEqual(made.placement);
      }),
      runs(100),
    );
  });

  it('gives back what it found when the policy asks for nothing any more', () => {
    fc.assert(
      fc.property(anyHost, host => {
        const { inventory, wishes, coresPerNode } = buildHost(host);
        const made = planFor(inventory, wishes, coresPerNode);
        if (made.kind === 'infeasible') return;
        const after = afterApply(inventory, made);
        const released = planFor(after, {}, coresPerNode) as Plan;
        const values = afterApply(after, released).guests.map(guest => [...guest.raw]);
        expect(values).toEqual(inventory.guests.map(guest => [...guest.raw]));
      }),
      runs(60),
    );
  });

  it('does not depend on the order of guests', () => {
    fc.assert(
      fc.property(anyHost, host => {
        const { inventory, wishes, coresPerNode } = buildHost(host);
        const reversed = { ...inventory, guests: [...inventory.guests].reverse() };
        const [a, b] = [planFor(inventory, wishes, coresPerNode), planFor(reversed, wishes, coresPerNode)];
        expect('placement' in b && b.placement).toEqual('placement' in a && a.placement);
      }),
      runs(60),
    );
  });
});
