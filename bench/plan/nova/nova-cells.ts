// Nova's words: the cells of a host and of an instance, and how pinned CPUs are booked.
import { type CpuSet, unionOf } from '#domain/id-set.ts';
import type { CpuId } from '#domain/ids.ts';

/** A NUMA node. */
export interface HostCell {
  readonly id: number;
  /** For vCPUs that float. */
  readonly shared: CpuSet;
  /** For vCPUs that are pinned. */
  readonly pinnable: CpuSet;
  readonly pinned: CpuSet;
  /** The CPUs of each core. */
  readonly siblings: readonly CpuSet[];
  readonly floatingVcpus: number;
  readonly memoryMiB: number;
  readonly usedMiB: number;
  /** All memory in pages of the smallest size; null where the host tells no page sizes. */
  readonly smallPagesMiB: number | null;
}

/** prefer: on siblings if there are enough. require: only on siblings. isolate: alone on each core. */
export type ThreadPolicy = 'prefer' | 'require' | 'isolate';

/** A guest NUMA node. */
export interface InstanceCell {
  readonly floating: number;
  /** Numbers of the pinned vCPUs, ascending. */
  readonly pinnedVcpus: readonly number[];
  /** False when the whole instance floats. */
  readonly pins: boolean;
  readonly threadPolicy: ThreadPolicy;
  readonly memoryMiB: number;
}

/** Where an instance cell went. */
export interface FittedCell {
  readonly hostCell: number;
  readonly cpuOf: ReadonlyMap<number, CpuId>;
  /** Of the emulator threads. */
  readonly reserved: CpuSet;
}

export const freeIn = (cell: HostCell): CpuSet => cell.pinnable.difference(cell.pinned);

/** Whole cores for `isolate`: what is beside an isolated vCPU is nobody's. */
function cpusBooked({ siblings }: HostCell, cpus: CpuSet, threadPolicy: ThreadPolicy): CpuSet {
  if (threadPolicy !== 'isolate') return cpus;
  return unionOf(siblings.filter(core => !core.isDisjointFrom(cpus)));
}

/** Null when the cell does not have them, or somebody else has them already. */
export function pinCpus(cell: HostCell, cpus: CpuSet, threadPolicy: ThreadPolicy): HostCell | null {
  const booked = cpusBooked(cell, cpus, threadPolicy);
  if (!booked.isSubsetOf(freeIn(cell))) return null;
  return { ...cell, pinned: cell.pinned.union(booked) };
}

/** Null when they are not all pinned. */
export function unpinCpus(cell: HostCell, cpus: CpuSet, threadPolicy: ThreadPolicy): HostCell | null {
  const booked = cpusBooked(cell, cpus, threadPolicy);
  return booked.isSubsetOf(cell.pinned) ? { ...cell, pinned: cell.pinned.difference(booked) } : null;
}
