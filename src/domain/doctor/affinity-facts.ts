// Facts of findings about the `affinity` of VMs, and about the keys that are taken for it.
import type { CpuSet } from '../id-set.ts';

export interface AffinityFacts {
  /** `pinning`: those of the keys by which somebody meant to pin vCPUs. */
  'unknown-key': { readonly keys: readonly string[]; readonly pinning: readonly string[] };
  'affinity-zero': { readonly value: string };
  /** `problem`: as in `StartProblem`. */
  'affinity-breaks-start': { readonly value: string; readonly problem: string };
  'affinity-absent-cpus': { readonly absent: CpuSet; readonly used: CpuSet };
}
