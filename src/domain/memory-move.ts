// Moving a running VM's memory to the nodes of its placement: which mappings, from where to where, and why not.
import type { NodeSet } from './id-set.ts';
import type { NumaNodeId, VmId } from './ids.ts';

/** One mapping of a process, as `/proc/PID/numa_maps` and `maps` have it. Addresses fit a number: they have 47 bits. */
export interface MemoryMapping {
  readonly start: number;
  readonly end: number;
  /** `default`, `bind`, `prefer`, …, without flags such as `=static`. */
  readonly policy: string;
  /** Nodes that the policy names. */
  readonly policyNodes: NodeSet;
  readonly pageKiB: number;
  /** Resident pages by node. */
  readonly pages: ReadonlyMap<NumaNodeId, number>;
  /** Null for anonymous memory. */
  readonly file: string | null;
}

/** A mapping with how many of its pages are on which node before, and are to be after; one node alone after: all of them, new ones too. */
export interface MappingMove {
  readonly start: number;
  readonly end: number;
  readonly pageKiB: number;
  readonly before: ReadonlyMap<NumaNodeId, number>;
  readonly after: ReadonlyMap<NumaNodeId, number>;
}

/** shared: other processes have the page too. held: a device, the kernel or a transfer holds it. no-room: the node has no free page. */
export type StayCause = 'shared' | 'held' | 'no-room';

export interface MemoryOutcome {
  readonly movedMiB: number;
  readonly stayed: ReadonlyArray<{ readonly cause: StayCause; readonly MiB: number }>;
}

/** What keeps all of a guest's memory where it is. */
export type MoveObstacle =
  /** A device writes to the guest's memory at any time: VFIO pins every page. */
  | { readonly kind: 'passthrough' }
  /** SEV or TDX: the processor ties the pages to their addresses. */
  | { readonly kind: 'encrypted' }
  /** Its pages could be moved, but not its running policy: what it touches next comes from these nodes again, or the guest is killed. */
  | { readonly kind: 'bound'; readonly nodes: NodeSet }
  /** It is planned on several nodes, and its own NUMA nodes are not those of the plan before its next start. */
  | { readonly kind: 'other-topology' }
  | { readonly kind: 'no-room'; readonly node: NumaNodeId; readonly neededMiB: number; readonly thereMiB: number }
  | { readonly kind: 'unreadable' };

/** What is to be done about one guest whose memory is not where it belongs. */
export type MemoryMove =
  | {
      readonly kind: 'move';
      readonly vmid: VmId;
      readonly pid: number;
      readonly startTime: number;
      readonly elsewhereMiB: number;
      readonly to: NodeSet;
      readonly mappings: readonly MappingMove[];
      /** Nodes that its running policy prefers although it is planned elsewhere: pages that it touches for the first time still come from there. */
      readonly later: NodeSet;
    }
  | {
      readonly kind: 'stays';
      readonly vmid: VmId;
      readonly elsewhereMiB: number | null;
      readonly obstacle: MoveObstacle;
    };
