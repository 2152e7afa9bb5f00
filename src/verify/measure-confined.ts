// How crowded the CPUs are that confined guests share.
import type { Core, HostTopology } from '#domain/host-topology.ts';
import { cellOf, nodeOf, type StandingGuest } from './laid-guest.ts';

/** vCPUs of confined guests per CPU, squared and summed over the CPUs left to them, in thousandths. */
export function measureConfined(
  standing: readonly StandingGuest[],
  topology: HostTopology,
  taken: ReadonlySet<Core>,
): number {
  const confined = standing.filter(({ guest }) => guest.class === 'confined');
  if (confined.length === 0) return 0;
  const freeCpus = new Map<string, number>();
  for (const core of topology.cores) {
    const cpus = taken.has(core) ? 0 : core.cpus.difference(topology.isolated).size;
    freeCpus.set(cellOf(core), (freeCpus.get(cellOf(core)) ?? 0) + cpus);
  }
  const load = new Map<string, number>();
  for (const { guest, coreOfCpu, nodes } of confined) {
    const own = guest.span === 'llc' ? coreOfCpu : topology.cores.filter(core => nodes.has(nodeOf(core)));
    const cells = [...new Set(own.map(cellOf))];
    const free = cells.reduce((sum, cell) => sum + (freeCpus.get(cell) ?? 0), 0);
    for (const cell of cells) load.set(cell, (load.get(cell) ?? 0) + guest.vcpus / free);
  }
  const total = [...load].reduce((sum, [cell, perCpu]) => sum + perCpu ** 2 * (freeCpus.get(cell) ?? 0), 0);
  return Math.round(1000 * total);
}
