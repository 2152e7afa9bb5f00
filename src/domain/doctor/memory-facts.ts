// Facts of findings about where memory is, and what moves or merges it.
import type { VmId } from '../ids.ts';

export interface MemoryFacts {
  /** `vmids`: the pinned VMs whose pages may be merged. */
  'ksm-merges-across-nodes': { readonly vmids: readonly VmId[] };
}
