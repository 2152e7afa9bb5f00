// Which CPUs stay with the host: never dedicated to a guest.
import type { Core, HostTopology } from '#domain/host-topology.ts';
import { type CpuSet, unionOf } from '#domain/id-set.ts';
import type { Housekeeping } from '#domain/policy.ts';

/**
 * The boot CPU's core (the kernel keeps timekeeping and many interrupts there), and
 * 1. the cores named by the policy, or
 * 2. on every node with CPUs `coresPerNode` cores, the boot core counted: efficiency cores first, then cores with the
 *    smaller last-level cache, then the lowest.
 */
export function makeHousekeeping(topology: HostTopology, wish: Housekeeping): CpuSet {
  const boot = topology.cores.filter(core => core.cpus.has(topology.online.first ?? (0 as never)));
  const named = wish.cpus;
  const kept = named
    ? topology.cores.filter(core => !core.cpus.isDisjointFrom(named))
    : topology.nodes.flatMap(node => {
        const cores = topology.cores.filter(core => node.cpus.has(core.id as never));
        const bootCores = boot.filter(core => cores.includes(core));
        const others = cores.filter(core => !boot.includes(core)).sort(leastValuableFirst(topology));
        return others.slice(0, Math.max(0, wish.coresPerNode - bootCores.length));
      });
  return unionOf([...boot, ...kept].map(core => core.cpus));
}

function leastValuableFirst(topology: HostTopology): (a: Core, b: Core) => number {
  const cacheKiB = (core: Core) => topology.llcs.find(llc => llc.id === core.llc)?.sizeKiB ?? 0;
  const kind = (core: Core) => (core.kind === 'efficiency' ? 0 : 1);
  return (a, b) => kind(a) - kind(b) || cacheKiB(a) - cacheKiB(b) || a.id - b.id;
}
