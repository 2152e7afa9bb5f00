// A place for one more VM: what it gets, and that nobody else is moved.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeIdList } from '#domain/id-list.ts';
import { cpuSet } from '#domain/id-set.ts';
import { vmId } from '#domain/ids.ts';
import type { Inventory } from '#domain/inventory.ts';
import { ownCpus, reservedCpus } from '#domain/placement.ts';
import { makeContainer, makeInventory, makeVm, makeVmRuntime } from '#fixtures/make-inventory.ts';
import { runs } from '#fixtures/property-runs.ts';
import {
  afterApply,
  anyHost,
  buildHost,
  feasiblePlan,
  flatShape,
  inputFor,
  planFor,
  type WishList,
} from '#fixtures/random-host.ts';
import { makeArrival } from './make-arrival.ts';

const dedicated = { class: 'dedicated' } as const;
const NEWCOMER = vmId(105);

/** What is in force is a plan for the first guests; then the newcomer is there, running anywhere. */
function arriveAt(
  before: Inventory,
  list: WishList,
  newcomer: { vcpus: number; memoryMiB?: number },
  coresPerNode = 0,
) {
  const inForce = afterApply(before, feasiblePlan(before, list, coresPerNode));
  const { vcpus, memoryMiB = 512 } = newcomer;
  const runtime = makeVmRuntime(vcpus, before.topology.online, { pid: 9000 });
  const guests = [...inForce.guests, makeVm(NEWCOMER, vcpus, { memoryMiB, runtime })];
  return { inForce, inventory: { ...inForce, guests } };
}

describe('makeArrival()', () => {
  const host = makeInventory(flatShape(6), [makeVm(100, 3), makeVm(101, 2)]);

  it('gives a dedicated VM CPUs that nobody has, and leaves its config alone', () => {
    const { inventory, inForce } = arriveAt(host, { 100: dedicated }, { vcpus: 4 });
    const made = makeArrival(inputFor(inventory, { 100: dedicated, 105: dedicated }), NEWCOMER);
    if (made.kind !== 'placed') throw new Error(made.kind);
    expect(ownCpus(made.guest).size).toBe(4);
    expect(made.guest).toMatchObject({ class: 'dedicated', arrived: true, memory: null });
    expect(made.guest.affinity.isEmpty).toBe(true);
    expect(made.placement.guests.filter(({ vmid }) => vmid !== NEWCOMER)).toEqual(inForce.placement?.guests);
  });

  it('leaves its config alone also where the policy wants its memory unmerged', () => {
    const inventory: Inventory = { ...arriveAt(host, {}, { vcpus: 2 }).inventory, ksmKey: 'known' };
    const made = makeArrival(inputFor(inventory, { 105: { ...dedicated, ksm: 'off' } }), NEWCOMER);
    expect(made).toMatchObject({ kind: 'placed' });
    if (made.kind === 'placed') expect(made.guest).not.toHaveProperty('ksm');
  });

  it('places on a node where nothing was placed yet', () => {
    const inventory = makeInventory(flatShape(6), [makeVm(105, 2, { runtime: makeVmRuntime(2, [0, 1, 2]) })]);
    const made = makeArrival(inputFor(inventory, { 105: dedicated }, 1), NEWCOMER);
    expect(made).toMatchObject({ kind: 'placed', placement: { isolation: 'none', guests: [{ vmid: 105 }] } });
    if (made.kind === 'placed') expect(ownCpus(made.guest).isDisjointFrom(made.placement.housekeeping)).toBe(true);
  });

  it('takes CPUs of a confined guest for a dedicated newcomer when enough are left, and leaves its config', () => {
    const list = { 100: { class: 'confined' } } as const;
    const { inventory, inForce } = arriveAt(makeInventory(flatShape(6, 1), [makeVm(100, 2)]), list, { vcpus: 3 });
    const made = makeArrival(inputFor(inventory, { ...list, 105: dedicated }), NEWCOMER);
    if (made.kind !== 'placed') throw new Error(made.kind);
    const before = inForce.placement?.guests[0];
    const after = made.placement.guests[0];
    expect(encodeIdList(after?.affinity ?? cpuSet())).toBe(encodeIdList(before?.affinity ?? cpuSet()));
    for (const cpus of after?.vcpus ?? []) {
      expect(cpus.isDisjointFrom(ownCpus(made.guest))).toBe(true);
      expect(cpus.size).toBeGreaterThanOrEqual(2);
    }
  });

  it('finds no room where a confined guest would be left with fewer CPUs than vCPUs', () => {
    const list = { 100: { class: 'confined' } } as const;
    const { inventory } = arriveAt(makeInventory(flatShape(6, 1), [makeVm(100, 5)]), list, { vcpus: 3 });
    expect(makeArrival(inputFor(inventory, { ...list, 105: dedicated }), NEWCOMER)).toMatchObject({ kind: 'no-room' });
  });

  it('lets a confined newcomer share with confined guests', () => {
    const list = { 100: { class: 'confined' }, 101: { class: 'confined' } } as const;
    const { inventory } = arriveAt(host, list, { vcpus: 3 });
    const made = makeArrival(inputFor(inventory, { ...list, 105: { class: 'confined' } }), NEWCOMER);
    expect(made).toMatchObject({ kind: 'placed', guest: { class: 'confined' } });
  });

  it.each([
    ['CPUs', { vcpus: 10 }],
    ['memory', { vcpus: 2, memoryMiB: 900_000 }],
  ])('finds no room where %s are lacking', (_, newcomer) => {
    const { inventory } = arriveAt(host, { 100: dedicated }, newcomer);
    expect(makeArrival(inputFor(inventory, { 100: dedicated, 105: dedicated }), NEWCOMER)).toMatchObject({
      kind: 'no-room',
    });
  });

  it('finds no room when a container would be left with too few CPUs', () => {
    const before = makeInventory(flatShape(4), [makeVm(100, 3), makeContainer(200, 4, {})]);
    const { inventory } = arriveAt(before, { 100: dedicated }, { vcpus: 3 });
    expect(makeArrival(inputFor(inventory, { 100: dedicated, 105: dedicated }), NEWCOMER)).toMatchObject({
      kind: 'no-room',
    });
  });

  it.each([
    ['the policy wants it shared', { 100: dedicated }, NEWCOMER],
    ['there is no such guest', { 100: dedicated, 106: dedicated }, vmId(106)],
  ])('wants nothing when %s', (_, list, vmid) => {
    const { inventory } = arriveAt(host, { 100: dedicated }, { vcpus: 2 });
    expect(makeArrival(inputFor(inventory, list), vmid)).toEqual({ kind: 'unwanted' });
  });

  it('never touches another placement nor a CPU of another guest, and never one of the host, on any host', () => {
    let placed = 0;
    fc.assert(
      fc.property(anyHost, fc.integer({ min: 1, max: 6 }), fc.boolean(), (words, vcpus, isDedicated) => {
        const { inventory: before, wishes, coresPerNode } = buildHost(words);
        const some = Object.fromEntries(Object.entries(wishes).filter(([vmid]) => vmid !== '105'));
        const others = { ...before, guests: before.guests.filter(({ vmid }) => vmid !== NEWCOMER) };
        if (planFor(others, some, coresPerNode).kind !== 'plan') return;
        const { inventory, inForce } = arriveAt(others, some, { vcpus }, coresPerNode);
        const wish = isDedicated ? dedicated : ({ class: 'confined' } as const);
        const made = makeArrival(inputFor(inventory, { ...some, 105: wish }, coresPerNode), NEWCOMER);
        if (made.kind !== 'placed') return;
        placed++;
        const { placement } = inForce;
        if (placement === null) throw new Error('nothing is in force');
        const isWhole = ({ class: kind, vmid }: { class: string; vmid: number }) =>
          kind !== 'confined' && vmid !== NEWCOMER;
        expect(made.placement.guests.filter(isWhole)).toEqual(placement.guests.filter(isWhole));
        for (const guest of made.placement.guests.filter(({ class: kind }) => kind === 'confined')) {
          for (const cpus of guest.vcpus) expect(cpus.isEmpty || !cpus.isDisjointFrom(guest.emulator)).toBe(true);
          const was = placement.guests.find(({ vmid }) => vmid === guest.vmid);
          if (was) expect(guest.affinity.equals(was.affinity) && guest.emulator.isSubsetOf(was.emulator)).toBe(true);
          expect(guest.emulator.isEmpty).toBe(false);
        }
        const taken = cpuSet(reservedCpus(placement, inventory.topology).keys());
        const mine = made.guest.class === 'dedicated' ? ownCpus(made.guest) : (made.guest.vcpus[0] ?? cpuSet());
        expect(encodeIdList(mine.intersection(taken))).toBe('');
        expect(encodeIdList(made.guest.emulator.intersection(taken))).toBe('');
        if (isDedicated) expect(encodeIdList(mine.intersection(placement.housekeeping))).toBe('');
      }),
      runs(40),
    );
    expect(placed).toBeGreaterThan(8);
  });
});
