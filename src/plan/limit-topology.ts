// A host of which only some CPUs count, as if the others were offline.
import type { HostTopology } from '#domain/host-topology.ts';
import type { CpuSet } from '#domain/id-set.ts';

/** Nodes stay, also without CPUs: their memory is still there. Cores and LLC domains without CPUs go. */
export function limitTopology(topology: HostTopology, online: CpuSet): HostTopology {
  const stay = <Part extends { readonly cpus: CpuSet }>(part: Part): Part => ({
    ...part,
    cpus: part.cpus.intersection(online),
  });
  const isThere = ({ cpus }: { readonly cpus: CpuSet }) => !cpus.isEmpty;
  return {
    ...topology,
    online,
    isolated: topology.isolated.intersection(online),
    nohzFull: topology.nohzFull.intersection(online),
    packages: topology.packages.map(stay),
    llcs: topology.llcs.map(stay).filter(isThere),
    cores: topology.cores.map(stay).filter(isThere),
    nodes: topology.nodes.map(stay),
  };
}
