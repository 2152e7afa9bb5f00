// Facts of findings about CPUs that the kernel was told to keep clear.

export interface IsolationFacts {
  'cpu0-isolated': { readonly parameters: readonly ('isolcpus' | 'nohz_full')[] };
}
