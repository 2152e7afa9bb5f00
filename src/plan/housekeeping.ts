// Which CPUs stay with the host: never dedicated to a guest.
import type { HostTopology } from '#domain/host-topology.ts';
import { type CpuSet, unionOf } from '#domain/id-set.ts';
import type { Housekeeping } from '#domain/policy.ts';
import { type HousekeepingInput, leastValuableFirst, makeDefaultHousekeeping } from './default-housekeeping.ts';

/**
 * Where the policy says nothing, what is usual for the kind of host. Else the boot CPU's core (the kernel keeps timekeeping and
 * many interrupts there), and
 * 1. the cores named by the policy, or
 * 2. on every node with CPUs `coresPerNode` cores, the boot core counted: efficiency cores first, then cores with the
 *    smaller last-level cache, then the lowest.
 */
export function makeHousekeeping(input: HousekeepingInput, { cpus, coresPerNode }: Housekeeping): CpuSet {
  if (cpus === null && coresPerNode === null) return makeDefaultHousekeeping(input).cpus;
  return makeAskedHousekeeping(input.inventory.topology, { cpus, coresPerNode: coresPerNode ?? 0 });
}

function makeAskedHousekeeping(
  topology: HostTopology,
  { cpus: named, coresPerNode }: { readonly cpus: CpuSet | null; readonly coresPerNode: number },
): CpuSet {
  const boot = topology.cores.filter(core => core.cpus.has(topology.online.first ?? (0 as never)));
  const kept = named
    ? topology.cores.filter(core => !core.cpus.isDisjointFrom(named))
    : topology.nodes.flatMap(node => {
        const cores = topology.cores.filter(core => node.cpus.has(core.id as never));
        const bootCores = boot.filter(core => cores.includes(core));
        const others = cores.filter(core => !boot.includes(core)).sort(leastValuableFirst(topology));
        return others.slice(0, Math.max(0, coresPerNode - bootCores.length));
      });
  return unionOf([...boot, ...kept].map(core => core.cpus));
}
