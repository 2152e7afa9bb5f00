// The proof of plans: every plan that is made passes, and every rule notices when it is broken.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FindingCode } from '#domain/finding.ts';
import { cpuSet, nodeSet } from '#domain/id-set.ts';
import { vcpuIndex, vmId } from '#domain/ids.ts';
import type { Inventory } from '#domain/inventory.ts';
import type { GuestPlacement, Placement } from '#domain/placement.ts';
import type { Plan } from '#domain/plan.ts';
import { makeContainer, makeInventory, makeVm } from '#fixtures/make-inventory.ts';
import { runs } from '#fixtures/property-runs.ts';
import {
  afterApply,
  anyHost,
  buildHost,
  feasiblePlan,
  flatShape,
  planFor,
  type WishList,
  wishesFor,
} from '#fixtures/random-host.ts';
import { type Shape, shapes } from '#fixtures/shapes.ts';
import { checkPlan } from './check-plan.ts';
import { verifyPlacement } from './verify-placement.ts';

const wanted = (inventory: Inventory, list: WishList, coresPerNode: number | null) => ({
  housekeeping: { coresPerNode, cpus: null },
  wishes: wishesFor(inventory, list),
});

describe('laws of checkPlan()', () => {
  it('accepts every plan that is made', () => {
    fc.assert(
      fc.property(anyHost, host => {
        const { inventory, wishes, coresPerNode } = buildHost(host);
        const made = planFor(inventory, wishes, coresPerNode);
        if (made.kind === 'infeasible') return;
        expect(checkPlan(made, inventory, wanted(inventory, wishes, coresPerNode))).toEqual([]);
      }),
      runs(120),
    );
  });

  it('accepts the plan that releases everybody again', () => {
    fc.assert(
      fc.property(anyHost, host => {
        const { inventory, wishes, coresPerNode } = buildHost(host);
        const made = planFor(inventory, wishes, coresPerNode);
        if (made.kind === 'infeasible') return;
        const after = afterApply(inventory, made);
        const released = planFor(after, {}, coresPerNode);
        if (released.kind === 'infeasible') throw new Error('nothing was asked for');
        expect(checkPlan(released, after, wanted(after, {}, coresPerNode))).toEqual([]);
      }),
      runs(60),
    );
  });

  it('agrees with verify: a sound plan that was applied is in force', () => {
    fc.assert(
      fc.property(anyHost, host => {
        const { inventory, wishes, coresPerNode } = buildHost(host);
        const made = planFor(inventory, wishes, coresPerNode);
        if (made.kind === 'infeasible') return;
        const after = afterApply(inventory, made);
        const report = verifyPlacement({ inventory: after, placement: made.placement, tasks: [], only: null });
        expect(report.findings.filter(({ severity }) => severity !== 'note')).toEqual([]);
        for (const { vmid, state } of report.guests) {
          const runs = after.guests.find(guest => guest.vmid === vmid)?.runtime !== null;
          expect(state).toBe(runs ? 'inForce' : 'stopped');
        }
      }),
      runs(60),
    );
  });
});

/** CPU n and n+16 are siblings; node 0 has cores 0-7. VM 100 gets 1-4, VM 101 5 and 21, VM 102 stays in node 1. */
const ARTICLE = makeInventory(shapes.article, [
  makeVm(100, 4),
  makeVm(101, 2),
  makeVm(102, 4),
  makeVm(103, 2),
  makeContainer(200, 2),
]);
const WISHES: WishList = {
  100: { class: 'dedicated', smt: 'isolate' },
  101: { class: 'dedicated', smt: 'pairs' },
  102: { class: 'confined' },
};

interface Mutation {
  readonly inventory?: Inventory;
  readonly wishes?: WishList;
  readonly coresPerNode?: number;
  readonly placement?: Partial<Placement>;
  readonly guests?: Readonly<Record<number, Partial<GuestPlacement>>>;
}

/** The codes for a sound plan after one thing was changed; the steps are made to fit, so that they say nothing. */
function codesAfter({
  inventory = ARTICLE,
  wishes = WISHES,
  coresPerNode = 1,
  placement = {},
  guests = {},
}: Mutation): FindingCode[] {
  const sound = feasiblePlan(ARTICLE, WISHES, 1);
  const mutated: Plan = {
    ...sound,
    placement: {
      ...sound.placement,
      guests: sound.placement.guests.map(guest => ({ ...guest, ...guests[guest.vmid] })),
      ...placement,
    },
  };
  const findings = checkPlan(mutated, inventory, wanted(inventory, wishes, coresPerNode));
  return [...new Set(findings.map(({ code }) => code))].filter(code => code !== 'plan-change-wrong');
}

const sound = feasiblePlan(ARTICLE, WISHES, 1).placement;
const placed = (vmid: number): GuestPlacement => {
  const guest = sound.guests.find(candidate => candidate.vmid === vmid);
  if (!guest) throw new Error(`guest ${vmid} is not placed`);
  return guest;
};
const memoryOf = (vmid: number) => {
  const { memory } = placed(vmid);
  const part = memory?.parts[0];
  if (!memory || !part) throw new Error(`the memory of guest ${vmid} is not placed`);
  return { memory, part };
};
const cpus = (...ids: number[]) => cpuSet(ids);
/** CPUs of guests with all CPUs of housekeeping that they start with. */
const withOwn = (vmid: number, vcpus: readonly ReturnType<typeof cpus>[]): Partial<GuestPlacement> => ({
  vcpus,
  affinity: cpuSet([...placed(vmid).emulator, ...vcpus.flatMap(set => set.ids)]),
});

describe('checkPlan() on a plan with one thing wrong', () => {
  it('starts from a sound one', () => {
    expect(codesAfter({})).toEqual([]);
    expect([100, 101].map(vmid => placed(vmid).vcpus.map(set => set.ids[0]))).toEqual([
      [1, 2, 3, 4],
      [5, 21],
    ]);
    expect(placed(102).nodes).toEqual(nodeSet([1]));
  });

  it.each<[FindingCode, string, Mutation]>([
    ['plan-guest-unknown', 'a guest is gone', { inventory: without(ARTICLE, 103) }],
    [
      'plan-guest-unknown',
      'a VM has become a container',
      { inventory: replaced(ARTICLE, makeContainer(103, 2, { identity: placed(103).identity })) },
    ],
    [
      'plan-identity-changed',
      'a VMID was reused',
      { inventory: replaced(ARTICLE, makeVm(103, 2, { identity: { uuid: 'x', vmgenid: null, createdAt: null } })) },
    ],
    ['plan-vcpus-mismatch', 'a VM has got vCPUs', { inventory: replaced(ARTICLE, makeVm(103, 3)) }],
    [
      'plan-vcpu-not-single',
      'a dedicated vCPU may run on two CPUs',
      {
        guests: { 101: withOwn(101, [cpus(5), cpus(21)]), 100: withOwn(100, [cpus(1), cpus(2), cpus(3), cpus(4, 6)]) },
      },
    ],
    ['plan-cpu-offline', 'a CPU is not there', { guests: { 103: { affinity: cpus(0, 99) } } }],
    [
      'plan-cpu-twice',
      'one CPU for two vCPUs',
      { guests: { 100: withOwn(100, [cpus(1), cpus(2), cpus(3), cpus(3)]) } },
    ],
    [
      'plan-housekeeping-dedicated',
      'a vCPU on CPUs of the host',
      { placement: { housekeeping: cpus(0, 16, 4, 20, 8, 24) } },
    ],
    ['plan-housekeeping-too-few', 'a policy that wants two cores of each node', { coresPerNode: 2 }],
    ['plan-housekeeping-missing', 'the boot CPU given up', { placement: { housekeeping: cpus(16, 8, 24) } }],
    ['plan-nodes-mismatch', 'nodes on which the guest is not', { guests: { 100: { nodes: nodeSet([0, 1]) } } }],
    [
      'plan-not-kept-off',
      'a shared VM on dedicated CPUs',
      { guests: { 103: { affinity: cpus(0, 1), emulator: cpus(0) } } },
    ],
    [
      'plan-not-kept-off',
      'a shared VM on the idle sibling of a dedicated CPU',
      { guests: { 103: { affinity: cpus(0, 17), emulator: cpus(0) } } },
    ],
    [
      'plan-not-kept-off',
      'a guest left out while CPUs are reserved',
      { placement: { guests: sound.guests.filter(({ vmid }) => vmid !== 103) } },
    ],
    [
      'plan-too-few-cpus',
      'one CPU for a container of two',
      { guests: { 200: { affinity: cpus(0), emulator: cpus(0) } } },
    ],
    ['plan-affinity-mismatch', 'a start mask without a vCPU', { guests: { 100: { affinity: cpus(0, 16, 1, 2, 3) } } }],
    [
      'plan-memory-sum',
      'a MiB too much',
      { guests: { 100: { memory: { ...memoryOf(100).memory, parts: [{ ...memoryOf(100).part, memoryMiB: 2049 }] } } } },
    ],
    [
      'plan-memory-vcpus',
      'a vCPU in no guest node',
      {
        guests: {
          100: {
            memory: { ...memoryOf(100).memory, parts: [{ ...memoryOf(100).part, vcpus: [0, 1, 2].map(vcpuIndex) }] },
          },
        },
      },
    ],
    [
      'plan-memory-node',
      'memory on the other node',
      {
        guests: {
          100: {
            memory: {
              ...memoryOf(100).memory,
              parts: [{ ...memoryOf(100).part, hostNode: memoryOf(102).part.hostNode }],
            },
          },
        },
      },
    ],
    [
      'plan-node-memory-full',
      'no memory left on the node',
      { inventory: { ...ARTICLE, memory: ARTICLE.memory.map(node => ({ ...node, availableMiB: 2100 })) } },
    ],
    ['plan-policy-ignored', 'a class that was not asked for', { wishes: { ...WISHES, 103: { class: 'confined' } } }],
    ['plan-policy-ignored', 'another SMT policy', { wishes: { ...WISHES, 100: { class: 'dedicated', smt: 'any' } } }],
    [
      'plan-policy-ignored',
      'emulator threads on CPUs of the host',
      { wishes: { ...WISHES, 101: { class: 'dedicated', smt: 'pairs', emulator: 'own' } } },
    ],
    [
      'plan-policy-ignored',
      'another memory policy',
      { wishes: { ...WISHES, 102: { class: 'confined', memory: 'bind' } } },
    ],
    [
      'plan-policy-ignored',
      'a confined guest on two nodes',
      {
        guests: {
          102: {
            affinity: cpus(0, 8, 9, 10, 24),
            nodes: nodeSet([0, 1]),
            emulator: cpus(8),
            vcpus: Array(4).fill(cpus(8)),
            memory: null,
          },
        },
      },
    ],
    [
      'plan-core-shared',
      'two guests on the threads of one core',
      { guests: { 101: withOwn(101, [cpus(6), cpus(20)]) } },
    ],
    [
      'plan-smt-broken',
      'both threads of a core with isolate',
      {
        guests: {
          100: withOwn(
            100,
            [1, 2, 3, 19].map(id => cpus(id)),
          ),
        },
      },
    ],
    ['plan-smt-broken', 'a torn pair', { guests: { 101: withOwn(101, [cpus(5), cpus(6)]) } }],
    [
      'plan-emulator-on-dedicated',
      'emulator threads on the CPU of a vCPU',
      { guests: { 100: { emulator: cpus(0, 1) } } },
    ],
  ])('finds %s: %s', (code, _, mutation) => {
    expect(codesAfter(mutation)).toContain(code);
  });

  it('finds plan-kinds-mixed: performance and efficiency cores in one guest', () => {
    const inventory = makeInventory(shapes.hybrid, [makeVm(100, 2)]);
    const wishes: WishList = { 100: { class: 'dedicated' } };
    const made = feasiblePlan(inventory, wishes, 0);
    const guests = made.placement.guests.map(guest => ({
      ...guest,
      ...{ vcpus: [cpus(2), cpus(16)], affinity: cpus(0, 1, 2, 16) },
    }));
    const findings = checkPlan(
      { ...made, placement: { ...made.placement, guests } },
      inventory,
      wanted(inventory, wishes, 0),
    );
    expect(findings.map(({ code }) => code)).toContain('plan-kinds-mixed');
  });

  it('finds plan-hugepages-node for hugepages on a node with a two-digit id', () => {
    const [node] = shapes.article.nodes;
    if (node === undefined) throw new Error('the article shape has nodes');
    const shape = { ...flatShape(4, 2), nodes: [0, 12].map(id => ({ ...node, id })) };
    const llcs = shape.llcs.map((llc, index) => ({ ...llc, node: index * 12 }));
    const host = (hugepages: string | null) => makeInventory({ ...shape, llcs }, [makeVm(100, 4, { hugepages })]);
    const wishes: WishList = { 100: { class: 'dedicated' } };
    // Node 0 has three cores to give, so four vCPUs go to node 12.
    const made = feasiblePlan(host(null), wishes, 0);
    const codes = checkPlan(made, host('2'), wanted(host('2'), wishes, 0)).map(({ code }) => code);
    // The prediction of the start, which knows nothing of this rule, says the same.
    expect(codes).toEqual(['plan-hugepages-node', 'plan-breaks-start']);
  });

  it('finds plan-breaks-start for a memory sum with which Proxmox starts no VM', () => {
    const made = feasiblePlan(ARTICLE, WISHES, 1);
    const halve = (text: string) => text.replace(/memory=(\d+)/, (_, mib) => `memory=${Number(mib) / 2}`);
    const changes = made.changes.map(change =>
      change.kind !== 'config'
        ? change
        : { ...change, edits: change.edits.map(edit => ({ ...edit, after: edit.after && halve(edit.after) })) },
    );
    const codes = checkPlan({ ...made, changes }, ARTICLE, wanted(ARTICLE, WISHES, 1)).map(({ code }) => code);
    expect(new Set(codes)).toEqual(new Set(['plan-change-wrong', 'plan-breaks-start']));
  });

  it('finds plan-change-wrong for a guest of another host', () => {
    const made = feasiblePlan(ARTICLE, WISHES, 1);
    const [change] = made.changes;
    if (change === undefined || change.kind === 'unit' || change.kind === 'layer')
      throw new Error('the plan changes nothing');
    const foreign = { ...made, changes: [...made.changes, { ...change, vmid: vmId(999) }] };
    expect(checkPlan(foreign, ARTICLE, wanted(ARTICLE, WISHES, 1))).toEqual([
      { code: 'plan-guest-unknown', severity: 'error', vmid: 999 },
    ]);
  });
});

function without(inventory: Inventory, vmid: number): Inventory {
  return { ...inventory, guests: inventory.guests.filter(guest => guest.vmid !== vmid) };
}

function replaced(inventory: Inventory, guest: Inventory['guests'][number]): Inventory {
  return { ...inventory, guests: inventory.guests.map(other => (other.vmid === guest.vmid ? guest : other)) };
}

describe('checkPlan() on what a host keeps by default', () => {
  const guests = [makeVm(100, 4)];
  const wishes = { 100: { class: 'dedicated' } } as const;
  const byDefault = (shape: Shape, housekeeping?: readonly number[]) => {
    const inventory = makeInventory(shape, guests);
    const made = feasiblePlan(inventory, wishes, null);
    const placement = housekeeping ? { ...made.placement, housekeeping: cpuSet(housekeeping) } : made.placement;
    return checkPlan({ ...made, placement }, inventory, wanted(inventory, wishes, null)).map(({ code }) => code);
  };

  it.each(['article', 'hybrid', 'ryzen-x3d', 'epyc-large', 'epyc-nps4'] as const)('accepts it on %s', name => {
    expect(byDefault(shapes[name])).toEqual([]);
  });

  it.each<[what: string, shape: Shape, housekeeping: readonly number[], code: FindingCode]>([
    ['a node without any', shapes.article, [0, 16], 'plan-housekeeping-too-few'],
    ['the boot core given away', shapes.article, [1, 17, 8, 24], 'plan-housekeeping-missing'],
    ['nothing at all beside a large cache', shapes['ryzen-x3d'], [], 'plan-housekeeping-too-few'],
  ])('refuses %s', (_, shape, housekeeping, code) => {
    expect(byDefault(shape, housekeeping)).toContain(code);
  });
});

describe('checkPlan() on memory that is not to be merged', () => {
  const wishes = { 100: { class: 'dedicated', ksm: 'off' } } as const;
  const known: Inventory = { ...makeInventory(shapes.article, [makeVm(100, 4)]), ksmKey: 'known' };
  const made = feasiblePlan(known, wishes);
  const check = (plan: Plan, inventory: Inventory, by: Parameters<typeof wanted>[1] = wishes) =>
    checkPlan(plan, inventory, wanted(inventory, by, 0)).map(({ code }) => code);

  it('accepts the key where the node knows it', () => expect(check(made, known)).toEqual([]));

  it.each(['older', 'not-told'] as const)('refuses it on a node where it is %s', ksmKey => {
    expect(check(made, { ...known, ksmKey })).toEqual(['plan-policy-ignored']);
  });

  it('refuses it for a guest that nobody asked it for', () => {
    expect(check(made, known, { 100: { class: 'dedicated' } })).toEqual(['plan-policy-ignored']);
  });

  it('refuses a plan without it for one that it was asked for', () => {
    const without = feasiblePlan(known, { 100: { class: 'dedicated' } });
    expect(check(without, known)).toEqual(['plan-policy-ignored']);
  });

  it('refuses a plan that records it, and writes something else', () => {
    const changes = made.changes.map(change =>
      change.kind === 'config'
        ? { ...change, edits: change.edits.map(edit => (edit.key === 'allow-ksm' ? { ...edit, after: '1' } : edit)) }
        : change,
    );
    expect(check({ ...made, changes }, known)).toEqual(['plan-change-wrong']);
  });
});

describe('checkPlan() on hugepages that the policy asks for', () => {
  const wishes = { 100: { class: 'dedicated', hugepages: '1G' } } as const;
  const inventory = makeInventory(shapes.article, [
    makeVm(100, 4, { memoryMiB: 4096, raw: new Map([['hugepages', '2']]), hugepages: '2' }),
  ]);
  const made = feasiblePlan(inventory, wishes);
  const check = (more: Partial<GuestPlacement>, plan: Plan = made) => {
    const guests = plan.placement.guests.map(guest => ({ ...guest, ...more }));
    const changed = { ...plan, placement: { ...plan.placement, guests } };
    return checkPlan(changed, inventory, wanted(inventory, wishes, 0)).map(({ code }) => code);
  };

  it('accepts them', () => expect(check({})).toEqual([]));

  it.each<[what: string, more: Partial<GuestPlacement>, codes: readonly FindingCode[]]>([
    ['pages of another size', { hugepages: '2' }, ['plan-policy-ignored', 'plan-change-wrong']],
    ['none', { hugepages: null }, ['plan-policy-ignored', 'plan-change-wrong', 'plan-change-wrong']],
  ])('refuses %s', (_, more, codes) => {
    expect(check(more)).toEqual(codes);
  });

  it('refuses a plan that would forget what the operator had', () => {
    const found = new Map([...(made.placement.guests[0]?.found ?? []), ['hugepages', null]]);
    expect(check({ found })).toEqual(['plan-change-wrong']);
  });
});
