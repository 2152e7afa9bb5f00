// What follows from a placement: whose CPUs are whose, and where each thread belongs.
import { describe, expect, it } from 'vitest';
import { makeInventory } from '#fixtures/make-inventory.ts';
import { shapes } from '#fixtures/shapes.ts';
import { cpuSet, nodeSet } from './id-set.ts';
import { vcpuIndex, vmId } from './ids.ts';
import { type GuestPlacement, ownCpus, type Placement, reservedCpus, wantedMask, whileCopied } from './placement.ts';

/** CPU n and n+16 are siblings. */
const { topology } = makeInventory(shapes.article, []);

const guest = (vmid: number, vcpus: number[], more: Partial<GuestPlacement> = {}): GuestPlacement => ({
  ...{ vmid: vmId(vmid), kind: 'vm', identity: { uuid: null, vmgenid: null, createdAt: null } },
  ...{ class: 'dedicated', smt: 'any', vcpus: vcpus.map(cpu => cpuSet([cpu])), emulator: cpuSet([0, 16]) },
  ...{ affinity: cpuSet([0, 16, ...vcpus]), nodes: nodeSet([0]), memory: null, found: new Map() },
  ...more,
});

const reservedIn = (...guests: GuestPlacement[]) => {
  const placement: Placement = { node: 'pve', isolation: 'none', housekeeping: cpuSet([0, 16]), guests };
  return Object.fromEntries([...reservedCpus(placement, topology)].sort(([a], [b]) => a - b));
};

describe('ownCpus()', () => {
  it('are those of the vCPUs, or the whole set of a container', () => {
    expect(ownCpus(guest(100, [2, 1])).ids).toEqual([1, 2]);
    expect(ownCpus(guest(200, [], { kind: 'container', affinity: cpuSet([4, 5]) })).ids).toEqual([4, 5]);
  });

  it.each(['confined', 'shared'] as const)('are none for a %s guest', kind => {
    expect(ownCpus(guest(100, [1], { class: kind })).isEmpty).toBe(true);
  });
});

describe('reservedCpus()', () => {
  it('are the CPUs and their idle siblings, and not those of the host', () => {
    expect(reservedIn(guest(100, [1, 2]))).toEqual({ 1: 100, 2: 100, 17: 100, 18: 100 });
  });

  it('go to their owner where two guests share a core', () => {
    expect(reservedIn(guest(100, [1]), guest(101, [17]))).toEqual({ 1: 100, 17: 101 });
    expect(reservedIn(guest(101, [17]), guest(100, [1]))).toEqual({ 1: 100, 17: 101 });
  });

  it('hold emulator CPUs that do not belong to the host, with their siblings', () => {
    expect(reservedIn(guest(100, [1], { emulator: cpuSet([3]) }))).toEqual({ 1: 100, 3: 100, 17: 100, 19: 100 });
  });

  it('are none without dedicated guests', () => {
    expect(reservedIn(guest(100, [1], { class: 'confined' }), guest(101, [2], { class: 'shared' }))).toEqual({});
  });
});

describe('wantedMask()', () => {
  const placed = guest(100, [5, 6]);
  it.each([
    ['a vCPU', { kind: 'vcpu', index: vcpuIndex(1) }, [6]],
    ['a vCPU that was plugged in since', { kind: 'vcpu', index: vcpuIndex(2) }, [0, 16]],
    ['an iothread', { kind: 'iothread', id: 'iothread0' }, [0, 16]],
    ['an emulator thread', { kind: 'emulator' }, [0, 16]],
  ] as const)('of %s', (_, role, cpus) => {
    expect(wantedMask(placed, role).ids).toEqual(cpus);
  });
});

describe('whileCopied()', () => {
  const own = guest(100, [5, 6], { emulator: cpuSet([3]) });
  const host = cpuSet([0, 16]);

  it.each(['backup', 'migrate', 'snapshot', 'suspending'])(
    'gives emulator threads the CPUs of the host under lock: %s',
    lock => {
      const now = whileCopied(own, host, lock);
      expect(now.emulator.ids).toEqual([0, 3, 16]);
      expect(now.vcpus).toEqual(own.vcpus);
    },
  );

  it.each<[string, Partial<GuestPlacement>, string | null]>([
    ['without a lock', {}, null],
    ['under a lock that copies nothing', {}, 'rollback'],
    ['when the policy keeps them', { whileCopied: 'keep' }, 'backup'],
    ['of a confined guest', { class: 'confined' }, 'backup'],
    ['of a container', { kind: 'container' }, 'backup'],
  ])('leaves them alone %s', (_, more, lock) => {
    const placed = { ...own, ...more };
    expect(whileCopied(placed, host, lock)).toBe(placed);
  });

  it('takes no CPU from anybody: what is reserved stays the same', () => {
    expect(reservedIn(whileCopied(own, host, 'backup'))).toEqual(reservedIn(own));
  });
});
