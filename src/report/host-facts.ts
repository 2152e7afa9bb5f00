// The host in a few words, for the heads of the maps.
import { encodeIdList } from '#domain/id-list.ts';
import type { HostMapView } from './host-map-view.ts';
import { renderMib } from './memory-text.ts';

/** `2 packages`, `16 cores`, … and which CPUs are offline, isolated or tickless. */
export function renderHostFacts({ inventory, offline }: HostMapView): readonly string[] {
  const { topology, memory } = inventory;
  const dies = topology.dies?.length ?? 0;
  return [
    countOf(topology.packages.length, 'package'),
    ...(dies > topology.packages.length ? [countOf(dies, 'die')] : []),
    countOf(topology.nodes.length, 'NUMA node'),
    countOf(topology.llcs.length, 'LLC domain'),
    countOf(topology.cores.length, 'core'),
    countOf(topology.online.size, 'CPU'),
    `${renderMib(memory.reduce((sum, { totalMiB }) => sum + totalMiB, 0))} memory`,
    ...(offline.isEmpty ? [] : [`offline ${encodeIdList(offline)}`]),
    ...(topology.isolated.isEmpty ? [] : [`isolated ${encodeIdList(topology.isolated)}`]),
    ...(topology.nohzFull.isEmpty ? [] : [`nohz_full ${encodeIdList(topology.nohzFull)}`]),
  ];
}

const countOf = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;
