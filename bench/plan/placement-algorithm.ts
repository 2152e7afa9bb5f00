// What a peer's placement algorithm is asked and what it answers, one VM at a time, as all of them work.

import type { HostTopology } from '#domain/host-topology.ts';
import type { CpuSet } from '#domain/id-set.ts';
import type { CpuId, NumaNodeId, VmId } from '#domain/ids.ts';
import type { SmtPolicy } from '#domain/policy.ts';

export interface VmRequest {
  readonly vmid: VmId;
  readonly vcpus: number;
  readonly memoryMiB: number;
  /** Guest NUMA nodes, 1 or more; vCPUs and memory are split evenly among them. */
  readonly guestNodes: number;
  readonly smt: SmtPolicy;
  /** The NUMA node of a device that is passed through. */
  readonly deviceNode: NumaNodeId | null;
}

/** What the host has, and who is on it already. */
export interface HostState {
  readonly topology: HostTopology;
  /** Online CPUs that are not housekeeping, of placed guests too. */
  readonly usable: CpuSet;
  /** What is free now: the memory of placed guests is taken off. */
  readonly freeMiB: ReadonlyMap<NumaNodeId, number>;
  /** In the order in which they came. */
  readonly placed: readonly PlacedVm[];
}

export interface PlacedVm {
  readonly vmid: VmId;
  /** The host CPU of vCPU n at n. An algorithm that does not know what is taken may give one that another VM has. */
  readonly cpus: readonly CpuId[];
  readonly memoryMiB: ReadonlyMap<NumaNodeId, number>;
  /** True when the algorithm gave only a mask or nodes; then `cpus` are the lowest free ones in it, chosen for it. */
  readonly completed: boolean;
  /** The mask as it was given; the same CPUs as in `cpus` when it pins them. */
  readonly allowed: CpuSet;
  readonly smt: SmtPolicy;
}

export interface PlacementAlgorithm {
  /** As in results: lower case, hyphens. */
  readonly name: string;
  /** For people. */
  readonly label: string;
  /** What of it is followed: the project and the part of it. */
  readonly source: string;
  /** Null: it refuses the VM. */
  readonly place: (request: VmRequest, state: HostState) => PlacedVm | null;
}
