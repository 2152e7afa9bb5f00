// The cpuset partitions of running VMs for the agent: which are missing, which are wrong, which nobody wants any more.
import type { CpuSet } from '#domain/id-set.ts';
import type { CpuId, VmId } from '#domain/ids.ts';
import { type Placement, wantedPartition } from '#domain/placement.ts';
import type { Host } from '#host/host.ts';
import { hasStaleExclusive, isInForce, listPartitions, readPartition, type VmPartition } from '#host/partition.ts';
import type { Repair } from './repair.ts';
import type { VmThreads } from './vm-threads.ts';

export interface PartitionInput {
  readonly placement: Placement;
  /** As `reservedCpus` gives it. */
  readonly reserved: ReadonlyMap<CpuId, VmId>;
  readonly online: CpuSet;
}

/** The partition that a running VM should have; null when it should have none. */
export function partitionOf(vmid: VmId, vm: VmThreads, input: PartitionInput): VmPartition | null {
  if (input.placement.isolation !== 'partition' || vm.placed === null) return null;
  const wanted = wantedPartition(vm.placed, vm.threads, input);
  return wanted && { vmid, ...wanted };
}

/**
 * Empty unless the placement asks for partitions: others are made by somebody else.
 * @param wanted of every VM that runs and could be looked at; `unknown` are those that could not, and keep what they have
 */
export function partitionRepairs({
  host,
  placement,
  wanted,
  unknown,
}: {
  host: Host;
  placement: Placement;
  wanted: ReadonlyMap<VmId, VmPartition | null>;
  unknown: ReadonlySet<VmId>;
}): readonly Repair[] {
  if (placement.isolation !== 'partition') return [];
  const repairs: Repair[] = [];
  for (const vmid of listPartitions(host)) {
    const partition = wanted.get(vmid);
    const isOther = partition && !readPartition(host, vmid)?.cpus.equals(partition.cpus);
    if ((partition === undefined || partition === null || isOther) && !unknown.has(vmid)) {
      repairs.push({ kind: 'leave-partition', vmid });
    }
  }
  if (hasStaleExclusive(host)) repairs.push({ kind: 'release-cpus', vmid: null });
  for (const partition of wanted.values()) {
    if (partition === null || isInForce(readPartition(host, partition.vmid), partition)) continue;
    repairs.push({ kind: 'enter-partition', vmid: partition.vmid, partition });
  }
  return repairs;
}
