// Facts of findings about a placement that the machine or the configs no longer fit.
import type { CpuSet } from '../id-set.ts';
import type { VmId } from '../ids.ts';

export interface DriftFacts {
  /** `parts`: what is other than when the placement was applied. */
  'fingerprint-changed': {
    readonly parts: readonly ('cpus' | 'cores' | 'llcs' | 'nodes')[];
    readonly onlineBefore: CpuSet;
    readonly onlineNow: CpuSet;
  };
  /** `deviations`: as many as `berth verify` counts; `vmids`: the guests that they are about, if any. */
  'placement-deviates': { readonly deviations: number; readonly vmids: readonly VmId[] };
  /** `agent`: off is neither enabled nor running, unenabled runs until the next boot, stopped is enabled and does not run. */
  'placement-not-kept': { readonly vmids: readonly VmId[]; readonly agent: 'off' | 'unenabled' | 'stopped' };
  /** `gone`: from every node; `moved`: to another; `replaced`: by another guest under the same number. */
  'placed-guest-gone': {
    readonly gone: readonly VmId[];
    readonly moved: readonly VmId[];
    readonly replaced: readonly VmId[];
  };
}
