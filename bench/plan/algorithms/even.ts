// Even distribution: at every level of the machine each part gets its share of the vCPUs, as `hwloc-distrib` does.
import type { HostTopology } from '#domain/host-topology.ts';
import type { CpuSet } from '#domain/id-set.ts';
import type { CpuId } from '#domain/ids.ts';
import { freeCpus } from '../free-cpus.ts';
import { pinnedVm } from '../placed-vm.ts';
import type { PlacementAlgorithm } from '../placement-algorithm.ts';
import { expandTokens, freeTokens, tokensNeeded } from '../vcpu-tokens.ts';

export const even: PlacementAlgorithm = {
  name: 'even',
  label: 'even distribution',
  source: 'hwloc-distrib over the free CPUs; memory by first touch',
  place: (request, state) => {
    const tokens = freeTokens(request, freeCpus(state), state.topology);
    const needed = tokensNeeded(request, state.topology);
    if (needed > tokens.length) return null;
    const chosen = distribute(tokens, needed, levelsOf(state.topology));
    return pinnedVm(request, state, expandTokens(request, chosen, state.topology));
  },
};

type Level = readonly { readonly cpus: CpuSet }[];

const levelsOf = ({ packages, nodes, llcs, cores }: HostTopology): readonly Level[] => [packages, nodes, llcs, cores];

/** Shares in proportion to what is free in each part, rounded up for the first ones. */
function distribute(cpus: readonly CpuId[], count: number, levels: readonly Level[]): readonly CpuId[] {
  const [level, ...below] = levels;
  if (level === undefined || count === 0) return cpus.slice(0, count);
  const parts = level.map(part => cpus.filter(cpu => part.cpus.has(cpu)));
  const outside = cpus.filter(cpu => !level.some(part => part.cpus.has(cpu)));
  let before = 0;
  return [...parts, outside].flatMap(part => {
    const upTo = (free: number): number => Math.ceil((free * count) / cpus.length);
    const share = upTo(before + part.length) - upTo(before);
    before += part.length;
    return share === 0 ? [] : distribute(part, share, below);
  });
}
