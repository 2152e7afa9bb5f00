// The difference between a placement and the host as it is: config values, thread masks, container cpusets, partitions.
import { type Guest, isSameGuest } from '#domain/guest.ts';
import { type CpuSet, cpuSet } from '#domain/id-set.ts';
import type { Inventory } from '#domain/inventory.ts';
import {
  type GuestPlacement,
  isPartitionWhole,
  type Placement,
  reservedCpus,
  wantedMask,
  wantedPartition,
  whileCopied,
} from '#domain/placement.ts';
import type { Change, ConfigEdit } from '#domain/plan.ts';
import { configuredCpus, encodePlacementConfig, nextValue } from '#proxmox/placement-config.ts';
import { predictRewrite } from '#proxmox/predict-rewrite.ts';
import { VM_CONFIG_SCHEMA } from '#proxmox/vm-config-schema.ts';
import { interruptChanges } from './interrupt-changes.ts';
import { layerChanges } from './layer-changes.ts';
import { unitChanges } from './unit-changes.ts';

/** Who is on this host, before and after. */
interface Pair {
  readonly guest: Guest;
  /** Null: released, or never placed. */
  readonly placed: GuestPlacement | null;
  /** Null: not placed by us until now. */
  readonly before: GuestPlacement | null;
}

/** `qm`: configs are changed through Proxmox's own command, which rewrites the whole file. */
export type WritesThrough = 'qm' | 'file';

/**
 * Changes in the order of application: configs, which Proxmox may refuse, while nothing that runs has lost anything; then everybody who leaves
 * CPUs; then those who get them. Empty when all is as it should be.
 */
export function makeChanges(inventory: Inventory, placement: Placement, through: WritesThrough): readonly Change[] {
  const reserved = cpuSet(reservedCpus(placement, inventory.topology).keys());
  const pairs = inventory.guests
    .filter(guest => !guest.template)
    .map((guest): Pair => {
      const before = inventory.placement?.guests.find(({ vmid }) => vmid === guest.vmid) ?? null;
      return {
        guest,
        placed: placement.guests.find(({ vmid }) => vmid === guest.vmid) ?? null,
        before: before && isSameGuest(before.identity, guest.identity) ? before : null,
      };
    });
  const rank = { released: 0, shared: 0, confined: 1, dedicated: 2 };
  pairs.sort(
    (a, b) => rank[a.placed?.class ?? 'released'] - rank[b.placed?.class ?? 'released'] || a.guest.vmid - b.guest.vmid,
  );
  const partitions = pairs.flatMap(pair => partitionChange(pair, inventory, placement));
  return [
    ...pairs.flatMap(pair => configChange(pair, through)),
    // Before partitions, and so undone when they are gone: while there are any the kernel gives nobody their CPUs.
    ...layerChanges(inventory, placement),
    // In a partition a thread can only be pinned to its CPUs, and nobody else to them: those that go or change go first.
    ...partitions.flatMap(({ leave }) => leave),
    ...unitChanges(inventory, placement),
    ...pairs.flatMap(pair => [
      ...threadsChange(withPool(pair, placement), inventory, reserved),
      ...cpusetChange(pair, inventory, reserved),
    ]),
    ...partitions.flatMap(({ enter }) => enter),
    ...interruptChanges(inventory, placement),
  ];
}

interface PartitionChanges {
  readonly leave: readonly Change[];
  readonly enter: readonly Change[];
}

function partitionChange({ guest, placed }: Pair, inventory: Inventory, placement: Placement): PartitionChanges[] {
  const { topology } = inventory;
  // A partition that no placement of ours asks for was made by somebody else.
  if (placement.isolation !== 'partition' && inventory.placement?.isolation !== 'partition') return [];
  if (guest.kind !== 'vm' || guest.runtime === null || guest.runtime.unreadable !== undefined) return [];
  const { pid, startTime, partition } = guest.runtime;
  const against = { reserved: reservedCpus(placement, topology), online: topology.online };
  const wanted =
    placed && placement.isolation === 'partition' ? wantedPartition(placed, guest.runtime.threads, against) : null;
  if (isPartitionWhole(partition, wanted)) return [];
  const change = { kind: 'partition', vmid: guest.vmid, pid, startTime } as const;
  return [
    {
      leave: partition === undefined ? [] : [{ ...change, before: partition.cpus, after: null }],
      enter: wanted === null ? [] : [{ ...change, before: null, after: wanted.cpus }],
    },
  ];
}

function configChange({ guest, placed, before }: Pair, through: WritesThrough): Change[] {
  const desired = placed ? encodePlacementConfig(placed) : before?.found;
  const edits: ConfigEdit[] = [];
  for (const [key, after] of desired ?? []) {
    const now = nextValue(guest, key);
    if (now !== after) edits.push({ key, before: now, after });
  }
  if (edits.length === 0) return [];
  const byQm = through === 'qm' && guest.kind === 'vm';
  // What is pending wins at the next start, so it is there that a value must change.
  const isPending = edits.some(({ key }) => guest.pending.has(key));
  const section = guest.kind === 'vm' && (guest.runtime !== null || isPending) ? 'pending' : 'main';
  const ours = new Set(edits.map(edit => edit.key));
  const rewrites = byQm
    ? predictRewrite(guest.text, VM_CONFIG_SCHEMA).filter(note => !ours.has(note.before.split(':')[0] ?? ''))
    : [];
  return [
    { kind: 'config', vmid: guest.vmid, guestKind: guest.kind, path: guest.configPath, edits, section, rewrites },
  ];
}

/** A guest that is being copied has more CPUs for its emulator threads. */
const withPool = (pair: Pair, { housekeeping }: Placement): Pair => ({
  ...pair,
  placed: pair.placed && whileCopied(pair.placed, housekeeping, pair.guest.lock),
});

function threadsChange({ guest, placed, before }: Pair, inventory: Inventory, reserved: CpuSet): Change[] {
  if (guest.kind !== 'vm' || guest.runtime === null || (placed === null && before === null)) return [];
  const { online } = inventory.topology;
  const { helpers = [] } = guest.runtime;
  return [guest.runtime, ...helpers].flatMap(({ pid, startTime, threads: all }): Change[] => {
    const threads = all.flatMap(({ tid, role, allowed }) => {
      const now = allowed.intersection(online);
      const after = placed ? wantedMask(placed, role) : releasedCpus(guest, before, online);
      const isOurs =
        placed?.class !== 'shared' || !now.isDisjointFrom(reserved) || (before?.affinity.equals(now) ?? false);
      return isOurs && !now.equals(after) ? [{ tid, role, before: allowed, after }] : [];
    });
    return threads.length === 0 ? [] : [{ kind: 'threads', vmid: guest.vmid, pid, startTime, threads }];
  });
}

function cpusetChange({ guest, placed, before }: Pair, inventory: Inventory, reserved: CpuSet): Change[] {
  if (guest.kind !== 'container' || guest.runtime === null || (placed === null && before === null)) return [];
  const { cpuset, effective } = guest.runtime;
  const after = placed ? placed.affinity : releasedCpus(guest, before, inventory.topology.online);
  const isOurs =
    placed?.class !== 'shared' || !effective.isDisjointFrom(reserved) || (before?.affinity.equals(cpuset) ?? false);
  return isOurs && !cpuset.equals(after) ? [{ kind: 'cpuset', vmid: guest.vmid, before: cpuset, after }] : [];
}

/** A guest that is no longer placed goes back to what its operator had set, else to every CPU. */
function releasedCpus(guest: Guest, before: GuestPlacement | null, online: CpuSet): CpuSet {
  const own = before ? configuredCpus(guest.kind, before.found)?.intersection(online) : undefined;
  return own && !own.isEmpty ? own : online;
}
