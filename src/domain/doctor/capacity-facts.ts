// Facts of findings about more being promised than there is, and about guests held below what they were given.
import type { CpuSet } from '../id-set.ts';
import type { VmId } from '../ids.ts';

export interface CapacityFacts {
  /** `limit`: of CPU time, in CPUs; `cpus`: how many the guest has for itself. */
  'cpulimit-throttles': { readonly limit: number; readonly cpus: number };
  /** `cores`: needed at the least; `available`: all but those that stay with the host. */
  'dedicated-overcommitted': { readonly vmids: readonly VmId[]; readonly cores: number; readonly available: number };
  'pairs-odd-vcpus': { readonly vcpus: number };
  /** `left`: whole cores that no guest has for itself; `wanted`: one for the host, and one for each of the rest. */
  'host-cores-few': {
    readonly left: CpuSet;
    readonly cores: number;
    readonly wanted: number;
    readonly zfsPools: number;
    readonly cephDaemons: number;
    readonly isClustered: boolean;
  };
  /** `vmids`: guests whose memory must be there when they start; `guestsMiB`: of all that run or start at boot. */
  'arc-crowds-guests': {
    readonly vmids: readonly VmId[];
    readonly arcMaxMiB: number;
    readonly guestsMiB: number;
    readonly totalMiB: number;
  };
}
