// Whose memory is moved where, and whose stays.
import { describe, expect, it } from 'vitest';
import type { GuestNumaNode, VmGuest } from '#domain/guest.ts';
import { cpuSet, nodeSet } from '#domain/id-set.ts';
import { numaNodeId, vcpuIndex, vmId } from '#domain/ids.ts';
import type { Inventory } from '#domain/inventory.ts';
import type { MemoryMapping } from '#domain/memory-move.ts';
import type { GuestPlacement } from '#domain/placement.ts';
import { makeInventory, makeVm, makeVmRuntime } from '#fixtures/make-inventory.ts';
import { shapes } from '#fixtures/shapes.ts';
import { makeMemoryMoves } from './make-memory-moves.ts';

const GIB = 1024 ** 3;
const PAGES_PER_MIB = 256;

/** Anonymous memory unless said otherwise; `mib` by node. */
function mapping(mib: Record<number, number>, more: Partial<MemoryMapping> = {}): MemoryMapping {
  const pages = new Map(
    Object.entries(mib).map(([node, size]) => [numaNodeId(Number(node)), size * PAGES_PER_MIB] as const),
  );
  const none = { policy: 'default', policyNodes: nodeSet(), pageKiB: 4, file: null };
  return { start: GIB, end: 3 * GIB, ...none, pages, ...more };
}

function placed(hostNodes: readonly number[], more: Partial<GuestPlacement> = {}): GuestPlacement {
  const parts = hostNodes.map(node => ({ hostNode: numaNodeId(node), memoryMiB: 1024, vcpus: [] }));
  return {
    ...{ vmid: vmId(100), kind: 'vm', class: 'dedicated', smt: 'isolate', affinity: cpuSet(), found: new Map() },
    ...{ identity: { uuid: 'uuid-100', vmgenid: null, createdAt: null }, vcpus: [], emulator: cpuSet() },
    ...{ nodes: nodeSet(hostNodes), memory: { policy: 'preferred', parts } },
    ...more,
  };
}

const guestNode = (index: number, hostNode: number): GuestNumaNode => ({
  ...{ index, vcpus: [vcpuIndex(index)], memoryMiB: 1024, policy: 'preferred' },
  hostNodes: [numaNodeId(hostNode)],
});

function moves(
  found: readonly MemoryMapping[] | null,
  {
    guest = {},
    place = placed([0]),
    change = inventory => inventory,
  }: { guest?: Partial<VmGuest>; place?: GuestPlacement; change?: (inventory: Inventory) => Inventory } = {},
) {
  const vm = makeVm(100, 2, { runtime: makeVmRuntime(2, [0, 1]), ...guest });
  const inventory = change(makeInventory(shapes.article, [vm]));
  const placement = { node: 'pve', isolation: 'none', housekeeping: cpuSet([0]), guests: [place] } as const;
  return makeMemoryMoves({ inventory, placement, mappings: new Map([[vm.vmid, found]]), only: null });
}

const obstacleOf = (...args: Parameters<typeof moves>) => {
  const [move] = moves(...args);
  return move?.kind === 'stays' ? move.obstacle : move;
};

describe('makeMemoryMoves()', () => {
  it('moves everything that is elsewhere to the one node of a VM', () => {
    expect(moves([mapping({ 0: 100, 1: 900 })])).toEqual([
      {
        ...{ kind: 'move', vmid: 100, pid: 4000, startTime: 100 },
        ...{ elsewhereMiB: 900, to: nodeSet([0]), later: nodeSet() },
        mappings: [
          {
            ...{ start: GIB, end: 3 * GIB, pageKiB: 4 },
            before: new Map([
              [0, 25_600],
              [1, 230_400],
            ]),
            after: new Map([[0, 256_000]]),
          },
        ],
      },
    ]);
  });

  it.each([
    ['in place', [mapping({ 0: 1000 })]],
    ["hardly elsewhere: that is QEMU's", [mapping({ 0: 1000, 1: 7 })]],
    ["a program's file, which is everybody's", [mapping({ 1: 100 }, { file: '/usr/bin/qemu-system-x86_64' })]],
  ])('leaves alone what is %s', (_, found) => {
    expect(moves(found)).toEqual([]);
  });

  it.each(['/memfd:virtiofs-mem0\\040(deleted)', '/dev/shm/vm'])('takes %s for memory of the guest', file => {
    expect(moves([mapping({ 1: 100 }, { file })])).toMatchObject([{ kind: 'move', elsewhereMiB: 100 }]);
  });

  it('says where new pages will come from as long as the VM runs', () => {
    const found = [mapping({ 1: 100 }, { policy: 'prefer', policyNodes: nodeSet([1]) })];
    expect(moves(found)).toMatchObject([{ kind: 'move', later: nodeSet([1]) }]);
  });

  it('takes no guest that is stopped, shared, or not asked for', () => {
    const found = [mapping({ 1: 100 })];
    expect(moves(found, { guest: { runtime: null } })).toEqual([]);
    expect(moves(found, { place: placed([0], { class: 'shared' }) })).toEqual([]);
    const inventory = makeInventory(shapes.article, [makeVm(100, 2, { runtime: makeVmRuntime(2, [0]) })]);
    const placement = { node: 'pve', isolation: 'none', housekeeping: cpuSet(), guests: [placed([0])] } as const;
    const mappings = new Map([[vmId(100), found]]);
    expect(makeMemoryMoves({ inventory, placement, mappings, only: new Set([vmId(101)]) })).toEqual([]);
  });

  describe('of a VM on several nodes', () => {
    const prefers = (node: number, mib: Record<number, number>, start: number) =>
      mapping(mib, { policy: 'prefer', policyNodes: nodeSet([node]), start, end: start + GIB });

    it('knows its guest nodes by the node that QEMU asked for', () => {
      const guest = { numa: true, numaNodes: [guestNode(0, 0), guestNode(1, 1)] };
      const found = [prefers(0, { 1: 100 }, GIB), prefers(1, { 0: 50, 1: 50 }, 2 * GIB), mapping({ 1: 20 })];
      const [move] = moves(found, { guest, place: placed([1, 0]) });
      // Planned the other way round than it was started: both go to the other node.
      expect(move).toMatchObject({ kind: 'move', elsewhereMiB: 50, to: nodeSet([0]) });
      const [same] = moves(found, { guest, place: placed([0, 1]) });
      expect(same).toMatchObject({ kind: 'move', elsewhereMiB: 150, to: nodeSet([0, 1]) });
    });

    it.each([
      ['it has no NUMA nodes of its own yet', {}],
      ['it has another number of them', { numa: true, numaNodes: [guestNode(0, 0)] }],
      ['both are of one host node', { numa: true, numaNodes: [guestNode(0, 0), guestNode(1, 0)] }],
      ['Proxmox ignores them', { numa: false, numaNodes: [guestNode(0, 0), guestNode(1, 1)] }],
    ])('leaves its memory when %s', (_, guest) => {
      const found = [mapping({ 2: 500 })];
      const place = placed([0, 1]);
      expect(obstacleOf(found, { guest, place })).toEqual({ kind: 'other-topology' });
      expect(moves([mapping({ 0: 500, 1: 200 })], { guest, place })).toEqual([]);
    });
  });

  describe('leaves all memory of a VM', () => {
    const found = [mapping({ 1: 100 })];

    it('with a passthrough device, configured or found', () => {
      expect(obstacleOf(found, { guest: { passthrough: true } })).toEqual({ kind: 'passthrough' });
      const device = mapping({ 0: 1 }, { start: 0, file: 'anon_inode:[vfio-device]' });
      expect(obstacleOf([device, ...found])).toEqual({ kind: 'passthrough' });
    });

    it.each(['amd-sev', 'intel-tdx'])('that is encrypted by %s', key => {
      expect(obstacleOf(found, { guest: { raw: new Map([[key, 'type=std']]) } })).toEqual({ kind: 'encrypted' });
    });

    it('that is bound to another node while it runs, and moves it where that is the planned one', () => {
      const bound = [mapping({ 1: 100 }, { policy: 'bind', policyNodes: nodeSet([1]) })];
      expect(obstacleOf(bound)).toEqual({ kind: 'bound', nodes: nodeSet([1]) });
      expect(moves([mapping({ 1: 100 }, { policy: 'bind', policyNodes: nodeSet([0]) })])).toMatchObject([
        { kind: 'move' },
      ]);
    });

    it('for which the node has no room', () => {
      const change = (inventory: Inventory) => ({
        ...inventory,
        memory: inventory.memory.map(memory => ({ ...memory, totalMiB: 1000, availableMiB: 149 })),
      });
      expect(obstacleOf(found, { change })).toEqual({ kind: 'no-room', node: 0, neededMiB: 100, thereMiB: 99 });
    });

    it('for whose hugepages the node has no free ones', () => {
      const pages = new Map([[numaNodeId(1), 3]]);
      const huge = [mapping({}, { pageKiB: 1024 * 1024, pages, file: '/run/hugepages/kvm/1048576kB/x' })];
      const withPool = (free: number) => (inventory: Inventory) => ({
        ...inventory,
        memory: inventory.memory.map(memory => ({
          ...memory,
          hugepages: new Map([[1024 * 1024, { total: 4, free }]]),
        })),
      });
      expect(obstacleOf(huge, { change: withPool(2) })).toMatchObject({
        kind: 'no-room',
        neededMiB: 3072,
        thereMiB: 2048,
      });
      expect(moves(huge, { change: withPool(3) })).toMatchObject([{ kind: 'move', elsewhereMiB: 3072 }]);
    });

    it('that cannot be read', () => {
      expect(moves(null)).toEqual([{ kind: 'stays', vmid: 100, elsewhereMiB: null, obstacle: { kind: 'unreadable' } }]);
    });
  });
});
