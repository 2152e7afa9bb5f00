// How much pressure there must be, whoever stands where: everyone together, on all CPUs that can be free.
import { AIMS } from '#domain/plan.ts';
import { crowding } from './aim-values.ts';
import type { Crowding } from './crowds.ts';
import type { Question } from './proof-model.ts';

/** All guests, on the most CPUs that dedicated ones can leave to them; `inNode` are all that are confined to nodes. */
export function everyCrowd({ problem, values, kinds }: Question): Crowding {
  const { host } = problem;
  const confined = problem.demands.filter(demand => demand.class === 'confined');
  const vcpusOf = (span: 'llc' | 'node') =>
    confined.reduce((sum, demand) => sum + (demand.span === span ? demand.vcpus : 0), 0);
  const taken = kinds.reduce((sum, { columns, guests }) => {
    const ofColumns = columns.map(({ pieces }) =>
      pieces.reduce((cpus, { bin, whole, odd }) => cpus + (whole + Math.min(1, odd)) * bin.openThreads, 0),
    );
    return sum + guests.length * Math.min(...ofColumns);
  }, 0);
  const sharedCores = values[AIMS.indexOf('sharedCores')] ?? 0;
  // Of the guests that share a core, all but one need none.
  const shared = sharedCores * Math.max(0, ...host.groups.map(group => (group.threads - 1) * group.openThreads));
  const cpus = host.cells.reduce((sum, cell) => sum + cell.cpus.size, 0);
  return { inCache: vcpusOf('llc'), inNode: vcpusOf('node'), cpus: cpus - Math.max(0, taken - shared) };
}

/** Of a cache, or of a node with one cache. */
export const pressureOf = ({ inCache, inNode, cpus }: Crowding, isNode: boolean): number =>
  crowding(inCache, cpus) + (isNode ? crowding(inCache + inNode, cpus) : 0);

/** The parts of a whole are together at least as crowded as the whole. */
export function leastPressureBeside(all: Crowding, crowd: Crowding, isNode: boolean): number {
  const left = crowding(all.inCache - crowd.inCache, all.cpus - crowd.cpus);
  const inNodes = all.inCache + all.inNode;
  return isNode
    ? left + crowding(inNodes - crowd.inCache - crowd.inNode, all.cpus - crowd.cpus)
    : left + crowding(inNodes, all.cpus);
}
