// Facts of findings about the `affinity` of VMs, and about the keys that are taken for it.
import type { CpuSet } from '../id-set.ts';
import type { VmId } from '../ids.ts';

export interface AffinityFacts {
  /** `pinning`: those of the keys by which somebody meant to pin vCPUs. */
  'unknown-key': { readonly keys: readonly string[]; readonly pinning: readonly string[] };
  'affinity-zero': { readonly value: string };
  /** `problem`: as in `StartProblem`. */
  'affinity-breaks-start': { readonly value: string; readonly problem: string };
  'affinity-absent-cpus': { readonly absent: CpuSet; readonly used: CpuSet };
  /** `cpus`: of the affinity, all of them; `allowed`: what is left to a VM that starts; `partitions`: cgroups that have taken some of `cpus`. */
  'affinity-outside-cgroup': {
    readonly cpus: CpuSet;
    readonly allowed: CpuSet;
    readonly partitions: readonly string[];
  };
  /** `cpus`: of the affinity, those that the partitions of these cgroups have taken; `used`: what is left of it. */
  'affinity-cut-by-partition': {
    readonly partitions: readonly string[];
    readonly cpus: CpuSet;
    readonly used: CpuSet;
  };
  /** `cpus`: those that belong to `others`. */
  'affinity-taken': { readonly cpus: CpuSet; readonly others: readonly VmId[] };
  'affinity-too-narrow': { readonly cpus: CpuSet; readonly vcpus: number };
}
