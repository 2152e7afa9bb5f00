// One guest of a layout, and the cores, caches and nodes that it stands on.
import type { Core } from '#domain/host-topology.ts';
import type { CpuSet, NodeSet } from '#domain/id-set.ts';
import { type CpuId, type NumaNodeId, numaNodeId } from '#domain/ids.ts';

/** One guest as it stands. */
export interface LaidGuest {
  readonly class: 'dedicated' | 'confined';
  readonly vcpus: number;
  /** Dedicated: the CPU of each vCPU. Confined: all CPUs that it may use. */
  readonly cpus: readonly CpuId[];
  /** A guest confined to a node counts with every cache of that node. */
  readonly span: 'llc' | 'node';
  /** CPUs that its emulator threads have for themselves. */
  readonly emulatorCpus: CpuSet;
  /** Nodes of the host that hold its memory. */
  readonly memoryNodes: NodeSet;
  /** Those of them that hold less of it than the share of the vCPUs that go with it. */
  readonly leanNodes: NodeSet;
  /** The node of each passthrough device that it should be near to. */
  readonly deviceNodes: readonly NumaNodeId[];
  readonly wantsLargeCache: boolean;
  readonly before: {
    /** CPUs of its vCPUs; empty when it was nowhere in particular. */
    readonly cpus: CpuSet;
    readonly nodes: NodeSet;
    readonly residentMiB: ReadonlyMap<NumaNodeId, number>;
  };
}

/** A guest with the cores that it stands on; CPUs that are not online count for nothing. */
export interface StandingGuest {
  readonly guest: LaidGuest;
  /** The core of every CPU: a core with two of its CPUs is there twice. */
  readonly coreOfCpu: readonly Core[];
  readonly nodes: NodeSet;
}

/** Kernels without NUMA have one node, 0. */
export const nodeOf = (core: Core): NumaNodeId => core.node ?? numaNodeId(0);

/** A last-level cache within one node; where the kernel shows no caches, the node. */
export const cellOf = (core: Core): string => `${nodeOf(core)}/${core.llc ?? 'none'}`;
