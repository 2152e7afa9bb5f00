// Where each guest belongs: the part of a plan that stays in force after it was applied.
import type { GuestIdentity, GuestThread, MemoryPolicy, PartitionContent, ThreadRole } from './guest.ts';
import type { HostLayers } from './host-layer.ts';
import type { HostTopology } from './host-topology.ts';
import { type CpuSet, cpuSet, type NodeSet, unionOf } from './id-set.ts';
import type { CpuId, NumaNodeId, VcpuIndex, VmId } from './ids.ts';
import type { GuestClass, SmtPolicy } from './policy.ts';

/** What keeps others off dedicated CPUs: nothing but masks, cgroups of the others, a cpuset partition, boot parameters. */
export type Isolation = 'none' | 'confine' | 'partition' | 'boot';

/** One guest NUMA node with its vCPUs and memory on one host node. */
export interface MemoryPart {
  readonly hostNode: NumaNodeId;
  readonly memoryMiB: number;
  readonly vcpus: readonly VcpuIndex[];
}

export interface MemoryPlacement {
  readonly policy: MemoryPolicy;
  /** In order of guest node number. */
  readonly parts: readonly MemoryPart[];
}

export interface GuestPlacement {
  readonly vmid: VmId;
  readonly kind: 'vm' | 'container';
  readonly identity: GuestIdentity;
  readonly class: GuestClass;
  readonly smt: SmtPolicy;
  /** vCPU n may run on `vcpus[n]`; one CPU each when dedicated. Empty for containers. */
  readonly vcpus: readonly CpuSet[];
  /** Where emulator threads and iothreads may run; for containers, where everything may run. */
  readonly emulator: CpuSet;
  /** What goes into the config: the mask with which the guest starts. Empty: it starts anywhere, as a guest that was adopted so. */
  readonly affinity: CpuSet;
  readonly nodes: NodeSet;
  /** Null when memory is left as it is. */
  readonly memory: MemoryPlacement | null;
  /** The config value that the policy asks for, null for none. Absent: the operator's own stays. */
  readonly hugepages?: '2' | '1024' | null;
  /** Its config keeps KSM from merging its memory. Absent: the operator's own value stays. */
  readonly ksm?: 'off';
  /** Its config is to name neither CPUs nor nodes of this host, which would go with it to other nodes. Absent: it names them. */
  readonly config?: 'runtime';
  /** The hookscript stops a start that cannot be placed. Absent: it only says so. */
  readonly strict?: true;
  /** Absent: while it is copied its emulator threads may use all CPUs of the host's own. */
  readonly whileCopied?: 'keep';
  /** The operator's own values of the keys that we write, from before we first wrote them; put back when the guest is released. */
  readonly found: ReadonlyMap<string, string | null>;
  /** Placed by the agent when it arrived on this node, and released when it leaves. Absent: placed by an apply. */
  readonly arrived?: true;
}

export interface Placement {
  readonly node: string;
  readonly isolation: Isolation;
  /** CPUs that are never dedicated. */
  readonly housekeeping: CpuSet;
  /** Interrupts of the host's devices are kept off dedicated CPUs. Absent: they are where they are. */
  readonly interrupts?: 'move';
  /** Absent: none. */
  readonly layers?: HostLayers;
  /** Ascending by VMID. */
  readonly guests: readonly GuestPlacement[];
}

/** CPUs that a dedicated guest has for itself: those of its vCPUs, or a container's whole set. Empty for every other class. */
export function ownCpus(guest: GuestPlacement): CpuSet {
  if (guest.class !== 'dedicated') return cpuSet();
  return guest.kind === 'container' ? guest.affinity : unionOf(guest.vcpus);
}

/**
 * CPUs on which only one guest may run, with that guest: its own CPUs, their siblings (left idle, unless another guest owns them),
 * and emulator CPUs that are not the host's.
 */
export function reservedCpus(placement: Placement, topology: HostTopology): ReadonlyMap<CpuId, VmId> {
  const coreOf = new Map(topology.cores.flatMap(core => core.cpus.ids.map(cpu => [cpu, core] as const)));
  const siblings = new Map<CpuId, VmId>();
  const owners = new Map<CpuId, VmId>();
  for (const guest of placement.guests) {
    if (guest.class !== 'dedicated') continue;
    const own = ownCpus(guest).union(guest.emulator.difference(placement.housekeeping));
    for (const cpu of own) {
      owners.set(cpu, guest.vmid);
      for (const sibling of coreOf.get(cpu)?.cpus ?? []) siblings.set(sibling, guest.vmid);
    }
  }
  return new Map([...siblings, ...owners]);
}

/**
 * What is for the vCPU threads of a dedicated VM alone, and its cpuset partition: their CPUs, and the siblings that stay idle. Empty for
 * every other guest.
 * @param reserved as `reservedCpus` gives it
 */
export function partitionCpus(guest: GuestPlacement, reserved: ReadonlyMap<CpuId, VmId>): CpuSet {
  if (guest.class !== 'dedicated' || guest.kind === 'container') return cpuSet();
  const mine = cpuSet([...reserved].flatMap(([cpu, owner]) => (owner === guest.vmid ? [cpu] : [])));
  return mine.difference(guest.emulator);
}

/**
 * The partition that a running VM should have; null when none. A vCPU that the placement does not know belongs to the emulator's CPUs, and one
 * whose CPU is offline to nobody's.
 * @param reserved as `reservedCpus` gives it
 */
export function wantedPartition(
  placed: GuestPlacement,
  threads: readonly GuestThread[],
  { reserved, online }: { readonly reserved: ReadonlyMap<CpuId, VmId>; readonly online: CpuSet },
): PartitionContent | null {
  const cpus = partitionCpus(placed, reserved).intersection(online);
  const tids = threads.flatMap(({ tid, role }) => {
    const mask = role.kind === 'vcpu' ? placed.vcpus[role.index] : undefined;
    return mask !== undefined && !mask.isEmpty && mask.isSubsetOf(cpus) ? [tid] : [];
  });
  return tids.length === 0 ? null : { cpus, tids };
}

/** True when the kernel keeps everybody else off the CPUs, and the threads that belong there, and no others, are in. */
export function isPartitionWhole(found: PartitionContent | undefined, wanted: PartitionContent | null): boolean {
  if (found === undefined || wanted === null) return found === undefined && wanted === null;
  const inside = new Set(found.tids);
  const isFull = inside.size === wanted.tids.length && wanted.tids.every(tid => inside.has(tid));
  return isFull && found.cpus.equals(wanted.cpus);
}

/** Where a thread of a placed VM may run. A vCPU beyond the placement is treated as an emulator thread, never left on others' CPUs. */
export function wantedMask(placement: GuestPlacement, role: ThreadRole): CpuSet {
  return (role.kind === 'vcpu' ? placement.vcpus[role.index] : undefined) ?? placement.emulator;
}

/** Values of `lock` in a guest's config while its disks or memory are read or written as fast as they can be. */
const COPYING: ReadonlySet<string> = new Set(['backup', 'migrate', 'snapshot', 'suspending']);

/**
 * The placement as it holds for now: while a dedicated VM is copied, its emulator threads, iothreads and helpers may use all of the
 * host's own CPUs as well. Its vCPUs stay where they are.
 * @param lock of its config, as it is now
 */
export function whileCopied(guest: GuestPlacement, housekeeping: CpuSet, lock: string | null): GuestPlacement {
  const widens = guest.class === 'dedicated' && guest.kind === 'vm' && guest.whileCopied !== 'keep';
  if (!widens || lock === null || !COPYING.has(lock)) return guest;
  return { ...guest, emulator: guest.emulator.union(housekeeping) };
}
