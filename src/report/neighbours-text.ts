// What the plan would cost with one guest in another place, one line for each place.
import type { Neighbour, Place } from '#domain/alternative.ts';
import { encodeIdList } from '#domain/id-list.ts';
import type { VmId } from '#domain/ids.ts';
import { describeOutcome } from './outcome-text.ts';
import type { Paint } from './paint.ts';

/** `about`: the guest that would stand there. */
export function renderNeighbours(neighbours: readonly Neighbour[], about: VmId, paint: Paint): string[] {
  if (neighbours.length === 0) return [];
  const rows = neighbours.map(({ place, outcome }) => [placeName(place), describeOutcome(outcome, about)] as const);
  const width = Math.max(...rows.map(([name]) => name.length));
  return [
    paint.bold('Elsewhere the best plan for all guests would be'),
    ...rows.map(([name, text]) => `    ${name.padEnd(width)}  ${text}`),
    '',
  ];
}

function placeName({ nodes, llc, cpus }: Place): string {
  if (llc !== null) return `cache with CPUs ${encodeIdList(cpus)}`;
  return nodes.size === 1 ? `node ${encodeIdList(nodes)}` : `nodes ${encodeIdList(nodes)}`;
}
