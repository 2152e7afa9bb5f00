// What the host keeps where the policy says nothing, on each kind of host.
import { describe, expect, it } from 'vitest';
import type { Guest } from '#domain/guest.ts';
import { hostKind } from '#domain/host-kind.ts';
import { encodeIdList } from '#domain/id-list.ts';
import { cpuSet } from '#domain/id-set.ts';
import type { StorageLoad } from '#domain/inventory.ts';
import type { Plan } from '#domain/plan.ts';
import { makeContainer, makeInventory, makeVm } from '#fixtures/make-inventory.ts';
import { afterApply, flatShape, type WishList, wishesFor } from '#fixtures/random-host.ts';
import { type Shape, shapes } from '#fixtures/shapes.ts';
import { makeDefaultHousekeeping } from './default-housekeeping.ts';
import { makePlan } from './make-plan.ts';

const BY_DEFAULT = { coresPerNode: null, cpus: null };
const dedicated = { class: 'dedicated' } as const;
/** The large cache on the second die. */
const LARGE_SECOND: Shape = { ...shapes['ryzen-x3d'], llcs: shapes['ryzen-x3d'].llcs.toReversed() };
/** One package with two nodes of sixteen cores. */
const SPLIT: Shape = { ...flatShape(16, 2), llcs: flatShape(16, 2).llcs.map(llc => ({ ...llc, package: 0 })) };

interface More {
  readonly guests?: readonly Guest[];
  readonly wishes?: WishList;
  readonly storage?: StorageLoad;
}

function kept(shape: Shape, { guests = [], wishes = {}, storage }: More = {}) {
  const inventory = { ...makeInventory(shape, guests), ...(storage && { storage }) };
  return makeDefaultHousekeeping({ inventory, wishes: wishesFor(inventory, wishes) });
}

function planBy(shape: Shape, guests: readonly Guest[], wishes: WishList) {
  const inventory = makeInventory(shape, guests);
  const input = { inventory, wishes: wishesFor(inventory, wishes), housekeeping: BY_DEFAULT };
  const made = makePlan({ ...input, isolation: 'none', policyDigest: '', through: 'file' });
  if (made.kind === 'infeasible') throw new Error(`infeasible: ${made.lack}`);
  return { made, inventory, input };
}

const pins = (made: Plan, vmid: number) =>
  encodeIdList(cpuSet(made.placement.guests.find(guest => guest.vmid === vmid)?.vcpus.flatMap(cpus => cpus.ids)));

describe('makeDefaultHousekeeping()', () => {
  it.each<[what: string, shape: Shape, kind: string, cpus: string]>([
    ['a core of four', shapes.tiny, 'small', '0'],
    ['a core of each node of a small server', shapes.article, 'plain', '0,8,16,24'],
    [
      'two cores of the die without the large cache, and not the boot core',
      shapes['ryzen-x3d'],
      'large-cache',
      '8-9,24-25',
    ],
    ['the boot core among them where that die is the first', LARGE_SECOND, 'large-cache', '0-1,16-17'],
    ['efficiency cores and the boot core', shapes.hybrid, 'hybrid', '0-1,16-31'],
    ['two cores of each socket with many', shapes['epyc-large'], 'wide', '0-1,64-65,128-129,192-193'],
    ['a core of each of eight nodes', shapes['epyc-nps4'], 'split', '0,8,16,24,32,40,48,56,64,72,80,88,96,104,112,120'],
    ['four cores at least of a split package', SPLIT, 'split', '0-1,16-17'],
  ])('keeps %s', (_, shape, kind, cpus) => {
    expect(hostKind(makeInventory(shape, []).topology)).toBe(kind);
    expect(encodeIdList(kept(shape).cpus)).toBe(cpus);
  });

  const containers = Array.from({ length: 10 }, (_, index) =>
    makeContainer(200 + index, 1, { runtime: { cpuset: cpuSet(), effective: cpuSet([0]) } }),
  );
  it.each<[what: string, shape: Shape, more: More, cpus: string, cores: number]>([
    ['for each Ceph daemon', shapes.article, { storage: { cephDaemons: 3, zfsPools: 0 } }, '0-2,8-9,16-18,24-25', 3],
    ['for ZFS', shapes.article, { storage: { cephDaemons: 0, zfsPools: 2 } }, '0-1,8,16-17,24', 1],
    [
      'for ZFS beside a large cache',
      shapes['ryzen-x3d'],
      { storage: { cephDaemons: 0, zfsPools: 1 } },
      '8-11,24-27',
      2,
    ],
    ['for many containers there', shapes['ryzen-x3d'], { guests: containers }, '8-11,24-27', 2],
    ['up to half of the host', flatShape(4, 2), { storage: { cephDaemons: 9, zfsPools: 0 } }, '0-1,4-5', 2],
    ['nothing on a small host', flatShape(2, 2), { storage: { cephDaemons: 9, zfsPools: 1 } }, '0,2', 0],
    ['nothing of performance cores', shapes.hybrid, { storage: { cephDaemons: 4, zfsPools: 0 } }, '0-1,16-31', 0],
  ])('keeps more %s', (_, shape, more, cpus, cores) => {
    const found = kept(shape, more);
    expect(encodeIdList(found.cpus)).toBe(cpus);
    expect(found.more).toBe(cores);
  });

  it('gives way to guests that need the cores, down to one of each node', () => {
    const fits = kept(shapes['epyc-large'], { guests: [makeVm(100, 250)], wishes: { 100: dedicated } });
    expect(encodeIdList(fits.cpus)).toBe('0-1,64,128-129,192');
    const never = kept(shapes['epyc-large'], { guests: [makeVm(100, 256)], wishes: { 100: dedicated } });
    expect(encodeIdList(never.cpus)).toBe('0,64,128,192');
  });

  it('gives the efficiency cores to a guest that the performance cores cannot hold', () => {
    const found = kept(shapes.hybrid, { guests: [makeVm(100, 15)], wishes: { 100: dedicated } });
    expect(encodeIdList(found.cpus)).toBe('0-1,16');
    expect(encodeIdList(kept(shapes.hybrid, { guests: [makeVm(100, 14)], wishes: { 100: dedicated } }).cpus)).toBe(
      '0-1,16-31',
    );
  });
});

describe('makePlan() by default', () => {
  it('gives all of the large-cache die to the guest of its size, the boot core included', () => {
    const { made } = planBy(shapes['ryzen-x3d'], [makeVm(100, 8)], { 100: { ...dedicated, smt: 'isolate' } });
    expect(pins(made, 100)).toBe('0-7');
    expect(made.advice.map(({ code }) => code)).toEqual(['advice-housekeeping']);
  });

  it('leaves the boot core to the host where the guest does not need it', () => {
    const { made } = planBy(shapes['ryzen-x3d'], [makeVm(100, 7)], { 100: { ...dedicated, smt: 'isolate' } });
    expect(pins(made, 100)).toBe('1-7');
  });

  it('puts guests of a hybrid on performance cores', () => {
    const { made } = planBy(shapes.hybrid, [makeVm(100, 8)], { 100: dedicated });
    expect(pins(made, 100)).toBe('2-9');
  });

  it('says nothing of what everybody expects', () => {
    expect(planBy(shapes.article, [makeVm(100, 4)], { 100: dedicated }).made.advice).toEqual([]);
  });

  it('keeps other cores rather than move a guest, says so, and changes nothing when asked again', () => {
    const { made, inventory, input } = planBy(shapes['epyc-large'], [makeVm(100, 4)], { 100: dedicated });
    const own = cpuSet([1, 129, 2, 130]);
    const guests = made.placement.guests.map(guest => ({
      ...guest,
      vcpus: own.ids.map(cpu => cpuSet([cpu])),
      affinity: own,
    }));
    const inForce = { ...made.placement, housekeeping: cpuSet([0, 64, 128, 192]), guests };
    const again = makePlan({
      ...{ ...input, inventory: { ...inventory, placement: inForce } },
      ...{ isolation: 'none', policyDigest: '', through: 'file' },
    }) as Plan;
    expect(encodeIdList(again.placement.housekeeping)).toBe('0,3,64-65,128,131,192-193');
    expect(pins(again, 100)).toBe('1-2,129-130');
    expect(again.advice).toMatchObject([{ code: 'advice-housekeeping', before: cpuSet([0, 64, 128, 192]) }]);
    const applied = afterApply(inventory, again);
    const third = makePlan({
      ...{ ...input, inventory: applied },
      ...{ isolation: 'none', policyDigest: '', through: 'file' },
    }) as Plan;
    expect(third.changes).toEqual([]);
    expect(third.placement).toEqual(again.placement);
  });
});
