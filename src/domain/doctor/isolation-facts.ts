// Facts of findings about CPUs that the kernel was told to keep clear.
import type { CpuSet } from '../id-set.ts';

export interface IsolationFacts {
  'cpu0-isolated': { readonly parameters: readonly ('isolcpus' | 'nohz_full')[] };
  /** `cpus`: the isolated CPUs among those of the affinity. */
  'isolated-pile-up': { readonly cpus: CpuSet; readonly vcpus: number };
  /** `siblings`: CPUs that are not isolated, on the same cores as `cpus`, which are. */
  'isolated-siblings': { readonly cpus: CpuSet; readonly siblings: CpuSet };
  /** `taken`: what the kernel made of the parameter. */
  'isolation-shortened': {
    readonly parameter: 'isolcpus' | 'nohz_full';
    readonly values: readonly string[];
    readonly taken: CpuSet;
  };
  'isolcpus-without-domain': { readonly values: readonly string[] };
  'isolcpus-without-managed-irq': { readonly values: readonly string[] };
  'nohz-full-unsupported': { readonly release: string };
}
