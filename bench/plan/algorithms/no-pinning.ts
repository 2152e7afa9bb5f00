// What happens without any pinning: the VM may run on every CPU, and its memory comes from where it first ran.
import { completeMask } from '../choose-vcpu-cpus.ts';
import { localMemory } from '../local-memory.ts';
import type { PlacementAlgorithm } from '../placement-algorithm.ts';

/** The scheduler moves it wherever it likes; that it begins on the lowest free CPUs is a picture of one moment, and a kind one. */
export const noPinning: PlacementAlgorithm = {
  name: 'no-pinning',
  label: 'no pinning',
  source: 'Linux: no affinity, memory by first touch',
  place: (request, state) => {
    const cpus = completeMask(request, state.usable, state);
    const memoryMiB = localMemory(request.memoryMiB, cpus, state);
    if (memoryMiB === null) return null;
    return { vmid: request.vmid, cpus, memoryMiB, completed: true, allowed: state.usable, smt: request.smt };
  },
};
