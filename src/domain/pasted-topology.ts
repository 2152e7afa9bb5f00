// What a pasted tool output tells about a machine: the parts of a topology, each null where the text does not say it.
import type { CoreKind, LlcDomain, Package } from './host-topology.ts';
import type { CpuSet } from './id-set.ts';
import type { CoreId, LlcId, NumaNodeId, PackageId } from './ids.ts';
import type { Unknown } from './text-tree.ts';

export type PastedTool = 'numactl --hardware' | 'lscpu' | 'lscpu -p' | 'lscpu -e' | 'lstopo XML';

/**
 * A HostTopology has no way to say "not told": a plan needs every part of it. Texts from elsewhere are for looking at,
 * so here a part that the tool does not print is null and explained in `unknown`, instead of counted or guessed.
 */
export interface PastedTopology {
  readonly tool: PastedTool;
  readonly present: CpuSet | null;
  readonly online: CpuSet | null;
  readonly model: string | null;
  readonly packages: readonly Package[] | null;
  readonly llcs: readonly LlcDomain[] | null;
  readonly cores: readonly PastedCore[] | null;
  /** Of tables and summaries only those with CPUs. */
  readonly nodes: readonly PastedNode[] | null;
  readonly unknown: readonly Unknown[];
}

/** Null in a field: the text does not tell, or shows none. */
export interface PastedCore {
  readonly id: CoreId;
  readonly cpus: CpuSet;
  readonly package: PackageId | null;
  readonly llc: LlcId | null;
  readonly node: NumaNodeId | null;
  readonly kind: CoreKind | null;
}

export interface PastedNode {
  readonly id: NumaNodeId;
  /** Null where the text does not say which CPUs are this node's own. */
  readonly cpus: CpuSet | null;
  readonly memoryMiB: number | null;
  /** Empty where the text has none. */
  readonly distances: ReadonlyMap<NumaNodeId, number>;
}
