// What the machine is: packages, cores, LLC domains, NUMA nodes. Static facts only: no free memory, no guests.
import type { CpuSet } from './id-set.ts';
import type { CoreId, LlcId, NumaNodeId, PackageId } from './ids.ts';
import type { Unknown } from './text-tree.ts';

/** Core kinds of hybrid processors. On a machine whose cores are all alike every core is `uniform`. */
export type CoreKind = 'uniform' | 'performance' | 'efficiency';

/** One online core; the sets hold online CPUs only. */
export interface Core {
  readonly id: CoreId;
  readonly cpus: CpuSet;
  readonly package: PackageId;
  /** Null where the kernel shows no caches. */
  readonly llc: LlcId | null;
  /** Null on kernels without NUMA directories. */
  readonly node: NumaNodeId | null;
  readonly kind: CoreKind;
}

export interface Package {
  readonly id: PackageId;
  readonly cpus: CpuSet;
}

export interface LlcDomain {
  readonly id: LlcId;
  readonly cpus: CpuSet;
  readonly level: number;
  readonly sizeKiB: number | null;
  /** True beside a sibling in the same package with at most half of it; see `markLargeCaches`. Absent: no larger than others, or not known to be. */
  readonly large?: true;
}

/** What a node's memory is made of. */
export type MemoryKind = 'hbm' | 'pmem' | 'cxl' | 'unknown';

export interface NumaNode {
  readonly id: NumaNodeId;
  /** Online CPUs; empty for a memory-only node. */
  readonly cpus: CpuSet;
  /** 0 for a node without memory; null when it could not be read. */
  readonly memoryMiB: number | null;
  /** To every online node, itself included (10); empty when the kernel does not say. */
  readonly distances: ReadonlyMap<NumaNodeId, number>;
  /** Of nodes without CPUs only: memory beside CPUs is ordinary memory unless firmware says otherwise, which it has no way to. */
  readonly memoryKind?: MemoryKind;
}

export interface HostTopology {
  readonly present: CpuSet;
  readonly online: CpuSet;
  /** CPUs outside scheduler load balancing (`/sys/devices/system/cpu/isolated`). */
  readonly isolated: CpuSet;
  readonly nohzFull: CpuSet;
  /** `model name` of `/proc/cpuinfo`, for people only: nothing is ever decided by it. */
  readonly model: string | null;
  /** `address sizes` of `/proc/cpuinfo`. Absent where it has no such line. */
  readonly physicalAddressBits?: number;
  readonly packages: readonly Package[];
  readonly llcs: readonly LlcDomain[];
  /** Dies, ordered by lowest CPU, which need not be NUMA nodes nor LLC domains. Absent where the source does not tell. */
  readonly dies?: readonly CpuSet[];
  /** Cores behind one L2 cache or one bus, ordered by lowest CPU. Absent where the source does not tell. */
  readonly clusters?: readonly CpuSet[];
  /** Ascending by id, online cores only. */
  readonly cores: readonly Core[];
  /** Ascending by id. Where the kernel has no NUMA, one node 0 with everything. */
  readonly nodes: readonly NumaNode[];
  readonly unknown: readonly Unknown[];
}

/** Distance between two nodes; 10 to itself, 20 (the kernel's REMOTE_DISTANCE) where it does not say. */
export const nodeDistance = (topology: HostTopology, from: NumaNodeId, to: NumaNodeId): number =>
  distancesFrom(topology, from)(to);

/** The same from one node to several. */
export function distancesFrom({ nodes }: HostTopology, from: NumaNodeId): (to: NumaNodeId) => number {
  const known = nodes.find(node => node.id === from)?.distances;
  return to => known?.get(to) ?? (from === to ? 10 : 20);
}
