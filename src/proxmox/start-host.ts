// What the start of a VM depends on beside its config: the node's CPUs, memory and page sizes.
import type { CpuSet, NodeSet } from '#domain/id-set.ts';

export interface StartHost {
  readonly onlineCpus: CpuSet;
  /** Directories `/sys/devices/system/node/nodeN`. */
  readonly nodes: NodeSet;
  /** Those that have memory: the kernel binds to no other. */
  readonly memoryNodes: NodeSet;
  /** Directories `/sys/kernel/mm/hugepages/hugepages-NkB`. */
  readonly hugepageSizesKiB: ReadonlySet<number>;
  /** `address sizes` of `/proc/cpuinfo`; null where it has no such line: Proxmox then counts with 36. */
  readonly physicalAddressBits: number | null;
}
