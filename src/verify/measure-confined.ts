// How crowded the CPUs are that confined guests share.
import type { Core, HostTopology } from '#domain/host-topology.ts';
import { cellOf, nodeOf, type StandingGuest } from './laid-guest.ts';

/** Loads that count, in quarters of a vCPU per CPU. */
const LOAD_STEPS = [1, 2, 3, 4, 6, 8, 12, 16] as const;

/** For every node, and every cache that guests are confined to: their vCPUs beyond each load of the CPUs left there, in quarters. */
export function measureConfined(
  standing: readonly StandingGuest[],
  topology: HostTopology,
  taken: ReadonlySet<Core>,
): number {
  const confined = standing.filter(({ guest }) => guest.class === 'confined');
  const freeIn = (isIn: (core: Core) => boolean) =>
    topology.cores.reduce(
      (sum, core) => sum + (isIn(core) && !taken.has(core) ? core.cpus.difference(topology.isolated).size : 0),
      0,
    );
  const vcpusIn = (isIn: (guest: StandingGuest) => boolean) =>
    confined.reduce((sum, one) => sum + (isIn(one) ? one.guest.vcpus : 0), 0);
  const ofNodes = [...new Set(confined.flatMap(({ nodes }) => [...nodes]))].map(node =>
    crowding(
      vcpusIn(({ nodes }) => nodes.has(node)),
      freeIn(core => nodeOf(core) === node),
    ),
  );
  const inCache = confined.filter(({ guest }) => guest.span === 'llc');
  const cellsOf = ({ coreOfCpu }: StandingGuest) => new Set(coreOfCpu.map(cellOf));
  const ofCells = [...new Set(inCache.flatMap(one => [...cellsOf(one)]))].map(cell =>
    crowding(
      vcpusIn(one => one.guest.span === 'llc' && cellsOf(one).has(cell)),
      freeIn(core => cellOf(core) === cell),
    ),
  );
  return [...ofNodes, ...ofCells].reduce((sum, each) => sum + each, 0);
}

const crowding = (vcpus: number, cpus: number): number =>
  LOAD_STEPS.reduce<number>((sum, step) => sum + Math.max(0, 4 * vcpus - step * cpus), 0);
