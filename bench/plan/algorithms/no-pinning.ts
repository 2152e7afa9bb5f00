// What happens without any pinning: the VM may run on every CPU, and its memory comes from where it first ran.
import { maskedVm } from '../placed-vm.ts';
import type { PlacementAlgorithm } from '../placement-algorithm.ts';

/** The scheduler moves it wherever it likes; that it begins on the lowest free CPUs is a picture of one moment, and a kind one. */
export const noPinning: PlacementAlgorithm = {
  name: 'no-pinning',
  label: 'no pinning',
  source: 'Linux: no affinity, memory by first touch',
  place: (request, state) => maskedVm(request, state, state.usable),
};
