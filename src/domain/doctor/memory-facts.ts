// Facts of findings about what moves, merges or changes the memory of VMs.
import type { VmId } from '../ids.ts';

export interface MemoryFacts {
  /** `vmids`: the pinned VMs whose pages may be merged. */
  'ksm-merges-across-nodes': { readonly vmids: readonly VmId[] };
  /** `vmids`: the pinned VMs whose memory is neither bound nor hugepages. */
  'numa-balancing': { readonly vmids: readonly VmId[] };
  'transparent-hugepages-off': { readonly vmids: readonly VmId[] };
  /** `problem`: as in `StartProblem`. */
  'memory-hotplug-fails': { readonly problem: string; readonly says: string | null };
  'balloon-on-placed-memory': {
    readonly balloonMiB: number;
    readonly memoryMiB: number;
    readonly hugepages: boolean;
  };
}
