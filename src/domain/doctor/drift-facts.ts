// Facts of findings about a placement that the machine or the configs no longer fit.
import type { CpuSet } from '../id-set.ts';

export interface DriftFacts {
  /** `parts`: what is other than when the placement was applied. */
  'fingerprint-changed': {
    readonly parts: readonly ('cpus' | 'cores' | 'llcs' | 'nodes')[];
    readonly onlineBefore: CpuSet;
    readonly onlineNow: CpuSet;
  };
}
