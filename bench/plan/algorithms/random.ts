// Any free CPUs, by chance: what a placement has to be better than.
import type { CpuId } from '#domain/ids.ts';
import { freeCpus } from '../free-cpus.ts';
import { pinnedVm } from '../placed-vm.ts';
import type { PlacementAlgorithm, VmRequest } from '../placement-algorithm.ts';
import { makeRandom } from '../random.ts';
import { expandTokens, freeTokens } from '../vcpu-tokens.ts';

export const random: PlacementAlgorithm = {
  name: 'random',
  label: 'random',
  source: 'free CPUs by chance, seeded by the VMID; memory by first touch',
  place: (request, state) => {
    const tokens = freeTokens(request, freeCpus(state), state.topology);
    return pinnedVm(request, state, expandTokens(request, shuffle(tokens, request), state.topology));
  },
};

/** Fisher and Yates. */
function shuffle(cpus: readonly CpuId[], { vmid }: VmRequest): readonly CpuId[] {
  const { next } = makeRandom(`vm ${vmid}`);
  const shuffled = [...cpus];
  for (let last = shuffled.length - 1; last > 0; last--) {
    const other = Math.floor(next() * (last + 1));
    const [a, b] = [shuffled[last], shuffled[other]];
    if (a !== undefined && b !== undefined) [shuffled[last], shuffled[other]] = [b, a];
  }
  return shuffled;
}
