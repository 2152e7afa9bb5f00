// The proxmox-affinity tool, its choice "Single CCD": the first last-level cache with enough cores.
import { cpuSet } from '#domain/id-set.ts';
import { threadsPerCore } from '../free-cpus.ts';
import { maskedVm } from '../placed-vm.ts';
import type { PlacementAlgorithm } from '../placement-algorithm.ts';

/** It always begins at the first cache, whoever is there. Where none is large enough it offers nothing. */
export const proxmoxAffinity: PlacementAlgorithm = {
  name: 'proxmox-affinity',
  label: 'proxmox-affinity, single CCD',
  source:
    'ChanningHe/proxmox-affinity: Single CCD, with siblings unless the guest wants them idle; memory by first touch',
  place: (request, state) => {
    const withSiblings = request.smt !== 'isolate';
    const threads = withSiblings ? threadsPerCore(state.topology) : 1;
    const cores = Math.ceil(request.vcpus / threads);
    const inCaches = state.topology.llcs.map(llc =>
      state.topology.cores.filter(core => core.cpus.isSubsetOf(state.usable) && core.cpus.isSubsetOf(llc.cpus)),
    );
    const chosen = inCaches.find(found => found.length >= cores)?.slice(0, cores);
    if (chosen === undefined) return null;
    return maskedVm(
      request,
      state,
      cpuSet(chosen.flatMap(({ cpus }) => (withSiblings ? cpus.ids : cpus.ids.slice(0, 1)))),
    );
  },
};
