// Memory that running guests hold: who may count on it, and who not.
import { describe, expect, it } from 'vitest';
import { encodeIdList } from '#domain/id-list.ts';
import { nodeSet } from '#domain/id-set.ts';
import { numaNodeId } from '#domain/ids.ts';
import type { Plan } from '#domain/plan.ts';
import { makeInventory, makeVm, makeVmRuntime } from '#fixtures/make-inventory.ts';
import { feasiblePlan, flatShape, inputFor, planFor } from '#fixtures/random-host.ts';
import type { Shape, ShapeNode } from '#fixtures/shapes.ts';
import { checkPlan } from './check-plan.ts';

const dedicated = { class: 'dedicated' } as const;

/** Two nodes of eight cores with 8 GiB each, of which so much is free. */
function hostWith(freeMiB: readonly [number, number], hugepages: ShapeNode['hugepages'] = {}): Shape {
  const shape = flatShape(9);
  const nodes = shape.nodes.map((node, id) => ({
    ...node,
    memoryMiB: 8192,
    freeMiB: freeMiB[id] ?? 0,
    cacheMiB: 0,
    hugepages,
  }));
  return { ...shape, nodes };
}

/** Runs anywhere on node 0, and holds its memory there. */
const runtimeOn0 = (vcpus: number, heldMiB: number) => ({
  ...makeVmRuntime(vcpus, [0, 1, 2, 3, 4, 5, 6, 7, 8], { pid: 4000 }),
  residentMiB: new Map([[numaNodeId(0), heldMiB]]),
});

const nodeOf = (made: Plan, vmid: number) =>
  encodeIdList(made.placement.guests.find(guest => guest.vmid === vmid)?.nodes ?? nodeSet());

describe('makePlan() with memory that running guests hold', () => {
  const wishes = { 100: dedicated, 101: dedicated };

  it('leaves a guest where its memory is, though nothing else is free there', () => {
    const guests = [
      makeVm(100, 6, { memoryMiB: 8000, runtime: runtimeOn0(6, 8000) }),
      makeVm(101, 6, { memoryMiB: 8000 }),
    ];
    const made = feasiblePlan(makeInventory(hostWith([100, 8192]), guests), wishes);
    expect([nodeOf(made, 100), nodeOf(made, 101)]).toEqual(['0', '1']);
  });

  it('gives away what a guest holds that is to leave, unless a device has it pinned', () => {
    // The device wants it on node 1; then another one may have node 0.
    const near1 = {
      deviceNodes: new Map([['hostpci0', numaNodeId(1)]]),
      memoryMiB: 8000,
      runtime: runtimeOn0(6, 8000),
    };
    const planWith = (passthrough: boolean) => {
      const guests = [makeVm(100, 6, { ...near1, passthrough }), makeVm(101, 6, { memoryMiB: 8000 })];
      const inventory = makeInventory(hostWith([100, 8192]), guests);
      const made = feasiblePlan(inventory, wishes);
      expect(checkPlan(made, inventory, inputFor(inventory, wishes))).toEqual([]);
      return [nodeOf(made, 100), nodeOf(made, 101)];
    };
    expect(planWith(false)).toEqual(['1', '0']);
    expect(planWith(true)).toEqual(['0', '1']);
  });

  it('refuses a plan that counts on memory that a device has pinned', () => {
    const guests = (passthrough: boolean) => [
      makeVm(100, 6, {
        memoryMiB: 8000,
        runtime: runtimeOn0(6, 8000),
        passthrough,
        deviceNodes: new Map([['hostpci0', numaNodeId(1)]]),
      }),
      makeVm(101, 6, { memoryMiB: 8000 }),
    ];
    const loose = makeInventory(hostWith([100, 8192]), guests(false));
    const pinned = makeInventory(hostWith([100, 8192]), guests(true));
    const found = checkPlan(feasiblePlan(loose, wishes), pinned, inputFor(pinned, wishes));
    expect(found.map(({ code }) => code)).toContain('plan-node-memory-full');
  });

  it('has room for what a guest in hugepages holds already, and for no second one', () => {
    const hugepages = { 2048: { total: 2000, free: 0 } };
    const held = makeVm(100, 4, { memoryMiB: 4000, hugepages: '2', runtime: runtimeOn0(4, 4000) });
    const shape = hostWith([100, 100], hugepages);
    const one = feasiblePlan(makeInventory(shape, [held]), { 100: dedicated });
    expect(nodeOf(one, 100)).toBe('0');
    const second = makeVm(101, 4, { memoryMiB: 4000, hugepages: '2' });
    expect(planFor(makeInventory(shape, [held, second]), wishes)).toMatchObject({
      kind: 'infeasible',
      lack: 'memory',
      proved: true,
    });
  });
});
