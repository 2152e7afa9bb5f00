// Facts of findings about guests that get in each other's way.
import type { CpuSet } from '../id-set.ts';
import type { VmId } from '../ids.ts';

export interface SharingFacts {
  /** `cpus`: those of the subject whose sibling threads are `other`'s. */
  'siblings-split': { readonly other: VmId; readonly cpus: CpuSet; readonly otherCpus: CpuSet };
}
