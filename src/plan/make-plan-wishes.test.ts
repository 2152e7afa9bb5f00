// What a policy wishes besides CPUs: to be near devices, to have the large cache, pages of a size, and memory that is not merged.
import { describe, expect, it } from 'vitest';
import type { Guest } from '#domain/guest.ts';
import { encodeIdList } from '#domain/id-list.ts';
import { numaNodeId } from '#domain/ids.ts';
import type { Inventory, KsmKeySupport } from '#domain/inventory.ts';
import { type GuestPlacement, ownCpus } from '#domain/placement.ts';
import type { AimName, Plan } from '#domain/plan.ts';
import type { GuestPolicy } from '#domain/policy.ts';
import { makeContainer, makeInventory, makeVm } from '#fixtures/make-inventory.ts';
import { afterApply, feasiblePlan, flatShape } from '#fixtures/random-host.ts';
import { type Shape, shapes } from '#fixtures/shapes.ts';

const dedicated = { class: 'dedicated' } as const;
const placed = (made: Plan, vmid: number) => made.placement.guests.find(guest => guest.vmid === vmid) as GuestPlacement;
const nodesOf = (made: Plan, vmid: number) => encodeIdList(placed(made, vmid).nodes);
const cost = (made: Plan, name: AimName) => made.aims.find(({ aim }) => aim === name)?.value;
const near = (devices: Record<string, number>) => ({
  deviceNodes: new Map(Object.entries(devices).map(([key, node]) => [key, numaNodeId(node)])),
});

describe('makePlan() with passthrough devices', () => {
  const made = (devices: Record<string, number>, wish = {}) =>
    feasiblePlan(makeInventory(flatShape(4, 2), [makeVm(100, 2, near(devices))]), { 100: { ...dedicated, ...wish } });

  it.each([
    ['is near its only device', { hostpci0: 1 }, {}, '1', 0],
    ['is near most of its devices', { hostpci0: 0, hostpci1: 1, hostpci2: 1 }, {}, '1', 10],
    ['is near the one device that matters', { hostpci0: 1, hostpci1: 0, hostpci2: 0 }, { near: ['hostpci0'] }, '1', 0],
    ['is anywhere when none matters', { hostpci0: 1 }, { near: [] }, '0', 0],
    ['is near its device when it is confined', { hostpci0: 1 }, { class: 'confined' }, '1', 0],
  ])('%s', (_, devices, wish, nodes, distance) => {
    const plan = made(devices as unknown as Record<string, number>, wish);
    expect(nodesOf(plan, 100)).toBe(nodes);
    expect(cost(plan, 'deviceDistance')).toBe(distance);
  });

  it('stays in one node rather than span two for a device on each', () => {
    const plan = made({ hostpci0: 0, hostpci1: 1 });
    expect(cost(plan, 'nodes')).toBe(1);
    expect(cost(plan, 'deviceDistance')).toBe(10);
  });

  it('gives the node to the guest whose device is there, not to the first that asks', () => {
    const guests = [makeVm(100, 3), makeVm(101, 3, near({ hostpci0: 0 }))];
    const plan = feasiblePlan(makeInventory(flatShape(4, 2), guests), { 100: dedicated, 101: dedicated });
    expect(nodesOf(plan, 101)).toBe('0');
    expect(nodesOf(plan, 100)).toBe('1');
  });
});

describe('makePlan() with a large-cache die', () => {
  /** Its second die has the large cache: the lowest cores are no answer. */
  const x3d = { ...shapes['ryzen-x3d'], llcs: shapes['ryzen-x3d'].llcs.toReversed() };
  const dieOf = (made: Plan, vmid: number) =>
    ownCpus(placed(made, vmid)).ids.every(cpu => cpu % 16 >= 8) ? 'large' : 'small';

  it('puts the only dedicated guest there', () => {
    expect(dieOf(feasiblePlan(makeInventory(x3d, [makeVm(100, 6)]), { 100: dedicated }), 100)).toBe('large');
  });

  it('leaves it alone for a guest that wants none', () => {
    const made = feasiblePlan(makeInventory(x3d, [makeVm(100, 6)]), { 100: { ...dedicated, cache: 'any' } });
    expect(dieOf(made, 100)).toBe('small');
  });

  it('gives it to the guest that asks for it, of several', () => {
    const made = feasiblePlan(makeInventory(x3d, [makeVm(100, 6), makeVm(101, 6)]), {
      100: { ...dedicated, smt: 'isolate' },
      101: { ...dedicated, smt: 'isolate', cache: 'large' },
    });
    expect([dieOf(made, 100), dieOf(made, 101)]).toEqual(['small', 'large']);
  });

  it('gives it to a confined guest that asks for it', () => {
    const made = feasiblePlan(makeInventory(x3d, [makeVm(100, 6)]), {
      100: { class: 'confined', span: 'llc', cache: 'large' },
    });
    expect(placed(made, 100).affinity.ids.every(cpu => cpu % 16 >= 8)).toBe(true);
  });

  it('counts the vCPUs that find no room there', () => {
    const made = feasiblePlan(makeInventory(x3d, [makeVm(100, 20)]), { 100: dedicated });
    expect(cost(made, 'smallCache')).toBe(4);
  });

  it('counts nothing where all caches are alike', () => {
    const made = feasiblePlan(makeInventory(shapes.article, [makeVm(100, 4)]), {
      100: { ...dedicated, cache: 'large' },
    });
    expect(cost(made, 'smallCache')).toBe(0);
  });
});

describe('makePlan() with hugepages', () => {
  const wish = { class: 'dedicated', hugepages: '1G' } as const;
  const edits = (made: Plan) =>
    Object.fromEntries(
      made.changes.flatMap(change =>
        change.kind === 'config' ? change.edits.map(({ key, after }) => [key, after]) : [],
      ),
    );

  it.each<[what: string, shape: Shape, node: number]>([
    ['two nodes', shapes.article, 0],
    ['one node, which has to be named all the same', shapes['ryzen-x3d'], 0],
  ])('sets them with the node on a host of %s, and keeps the pools', (_, shape, node) => {
    const made = feasiblePlan(makeInventory(shape, [makeVm(100, 2, { memoryMiB: 4096 })]), { 100: wish });
    expect(edits(made)).toMatchObject({
      ...{ hugepages: '1024', keephugepages: '1', numa: '1' },
      numa0: `cpus=0-1,memory=4096,hostnodes=${node},policy=preferred`,
    });
    expect(made.advice).toMatchObject([{ code: 'advice-hugepage-pool', node, needed: 4, total: 0 }]);
  });

  it('gives each node whole pages', () => {
    const vm = makeVm(100, 6, { memoryMiB: 5120 });
    const made = feasiblePlan(makeInventory({ ...flatShape(4, 2), nodes: shapes.article.nodes }, [vm]), { 100: wish });
    expect(placed(made, 100).memory?.parts.map(({ memoryMiB }) => memoryMiB)).toEqual([2048, 3072]);
  });

  it('takes them away where the policy wants none, and leaves them where it says nothing', () => {
    const vm = makeVm(100, 2, { memoryMiB: 4096, numa: true, hugepages: '2', raw: new Map([['keephugepages', '1']]) });
    const inventory = makeInventory(shapes.article, [{ ...vm, raw: new Map([...vm.raw, ['hugepages', '2']]) }]);
    const none = edits(feasiblePlan(inventory, { 100: { ...wish, hugepages: 'none' } }));
    expect(none).toMatchObject({ hugepages: null, keephugepages: null });
    const left = edits(feasiblePlan(inventory, { 100: dedicated }));
    expect(Object.keys(left)).not.toContain('hugepages');
  });

  it('changes nothing when asked again, and puts the operator’s own back when released', () => {
    const vm = makeVm(100, 2, { memoryMiB: 4096, hugepages: '2' });
    const inventory = makeInventory(shapes.article, [{ ...vm, raw: new Map([['hugepages', '2']]) }]);
    const made = feasiblePlan(inventory, { 100: wish });
    const after = afterApply(inventory, made);
    const again = feasiblePlan(after, { 100: wish });
    expect(again.changes).toEqual([]);
    // In the same order, too: a placement that is recorded anew would be a change.
    expect([...placed(again, 100).found]).toEqual([...placed(made, 100).found]);
    expect(edits(feasiblePlan(after, {}))).toMatchObject({ hugepages: '2', keephugepages: null, numa0: null });
  });

  it('remembers the operator’s own of a guest that was placed before', () => {
    const vm = makeVm(100, 2, { memoryMiB: 4096 });
    const inventory = makeInventory(shapes.article, [vm]);
    const before = afterApply(inventory, feasiblePlan(inventory, { 100: dedicated }));
    const made = feasiblePlan(before, { 100: wish });
    expect(edits(made)).toEqual({ hugepages: '1024', keephugepages: '1' });
    expect(placed(made, 100).found.get('hugepages')).toBeNull();
    expect(edits(feasiblePlan(afterApply(before, made), { 100: dedicated }))).toEqual({
      hugepages: null,
      keephugepages: null,
    });
  });

  it.each<[what: string, guest: Guest, wish: Partial<GuestPolicy>, obstacle: string]>([
    ['a container', makeContainer(100, 2), {}, 'container'],
    ['memory hotplug', makeVm(100, 2, { memoryMiB: 4096, memoryHotplug: true }), {}, 'memory-hotplug'],
    ['memory that is no multiple', makeVm(100, 2, { memoryMiB: 4608 }), {}, 'not-multiple'],
    ['odd memory', makeVm(100, 2, { memoryMiB: 4097 }), { hugepages: '2M' }, 'not-multiple'],
  ])('refuses them for %s, and says so', (_, guest, more, obstacle) => {
    const made = feasiblePlan(makeInventory(shapes.article, [guest]), { 100: { ...wish, ...more } });
    expect(made.advice).toContainEqual(expect.objectContaining({ code: 'advice-hugepages', obstacle }));
    expect(Object.keys(edits(made))).not.toContain('hugepages');
  });

  it('refuses them on a host whose kernel has none', () => {
    const nodes = shapes.article.nodes.map(node => ({ ...node, hugepages: {} }));
    const inventory = makeInventory({ ...shapes.article, nodes }, [makeVm(100, 2, { memoryMiB: 4096 })]);
    expect(feasiblePlan(inventory, { 100: wish }).advice).toMatchObject([{ obstacle: 'unsupported' }]);
  });
});

describe('makePlan() with memory that is not to be merged', () => {
  const wish = { class: 'dedicated', ksm: 'off' } as const;
  const host = (guests: readonly Guest[], ksmKey?: KsmKeySupport): Inventory => ({
    ...makeInventory(shapes.article, guests),
    ...(ksmKey && { ksmKey }),
  });
  const edits = (made: Plan) =>
    made.changes.flatMap(change =>
      change.kind === 'config' ? change.edits.filter(({ key }) => key === 'allow-ksm') : [],
    );
  const set = (before: string | null, after: string | null) => [{ key: 'allow-ksm', before, after }];

  it('says so in the config of a dedicated or confined VM', () => {
    const guests = [makeVm(100, 2), makeVm(101, 2), makeVm(102, 2)];
    const made = feasiblePlan(host(guests, 'known'), { 100: wish, 101: { ...wish, class: 'confined' } });
    expect(edits(made)).toEqual([...set(null, '0'), ...set(null, '0')]);
    expect(made.placement.guests.map(({ ksm }) => ksm)).toEqual(['off', 'off', undefined]);
    expect(made.advice.map(({ code }) => code)).not.toContain('advice-ksm');
  });

  it.each(['write', 'runtime'] as const)('says so whether its place is in its config or not: %s', config => {
    expect(edits(feasiblePlan(host([makeVm(100, 2)], 'known'), { 100: { ...wish, config } }))).toEqual(set(null, '0'));
  });

  it('leaves the key alone where the policy says nothing of it, or to leave it', () => {
    const guests = [makeVm(100, 2, { raw: new Map([['allow-ksm', '1']]) })];
    for (const more of [{}, { ksm: 'leave' } as const]) {
      expect(edits(feasiblePlan(host(guests, 'known'), { 100: { class: 'dedicated', ...more } }))).toEqual([]);
    }
  });

  it('changes nothing when asked again, and puts the operator’s own back', () => {
    const before = host([makeVm(100, 2, { raw: new Map([['allow-ksm', '1']]) })], 'known');
    const placedBefore = afterApply(before, feasiblePlan(before, { 100: dedicated }));
    const made = feasiblePlan(placedBefore, { 100: wish });
    expect(edits(made)).toEqual(set('1', '0'));
    const after = afterApply(placedBefore, made);
    expect(feasiblePlan(after, { 100: wish }).changes).toEqual([]);
    expect(edits(feasiblePlan(after, { 100: dedicated }))).toEqual(set('0', '1'));
    // Of what this node knows is not asked any more, once no guest is to be left out.
    const { ksmKey, ...unasked } = after;
    expect(ksmKey).toBe('known');
    expect(edits(feasiblePlan(unasked, {}))).toEqual(set('0', '1'));
  });

  it.each<[what: string, guest: Guest, wish: Partial<GuestPolicy>, key: KsmKeySupport | undefined, obstacle: string]>([
    ['a container', makeContainer(100, 2), {}, 'known', 'container'],
    ['a shared VM', makeVm(100, 2), { class: 'shared' }, 'known', 'shared'],
    ['a node that does not know the key', makeVm(100, 2), {}, 'older', 'older'],
    ['a node of which that is not known', makeVm(100, 2), {}, 'not-told', 'not-told'],
    ['a node that nobody looked at', makeVm(100, 2), {}, undefined, 'not-told'],
  ])('does not write it for %s, and says so', (_, guest, more, key, obstacle) => {
    const made = feasiblePlan(host([guest], key), { 100: { ...wish, ...more } });
    expect(made.advice).toContainEqual({ code: 'advice-ksm', severity: 'warning', vmid: 100, obstacle });
    expect(edits(made)).toEqual([]);
    expect(made.placement.guests.filter(({ ksm }) => ksm !== undefined)).toEqual([]);
  });
});

describe('makePlan() beside guests that stand still', () => {
  it.each<[what: string, guest: Guest]>([
    ['a stopped VM', makeVm(101, 2, { raw: new Map([['affinity', '1-2']]) })],
    ['a stopped container', makeContainer(101, 2, { raw: new Map([['lxc.cgroup2.cpuset.cpus', '1-2']]) })],
  ])('leaves %s somewhere to start whose own CPUs are all taken', (_, guest) => {
    const made = feasiblePlan(makeInventory(flatShape(4, 1), [makeVm(100, 2), guest]), { 100: dedicated });
    expect(encodeIdList(ownCpus(placed(made, 100)))).toBe('1-2');
    expect(encodeIdList(placed(made, 101).affinity)).toBe('0,3');
    expect(made.changes.map(({ kind, vmid }) => `${kind} ${vmid}`)).toEqual(['config 101', 'config 100']);
  });
});
