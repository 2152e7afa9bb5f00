// Blocks of nodes with the guests that could have them for themselves: what an arrangement is made of when its ties are followed.
import type { NumaNodeId } from '#domain/ids.ts';
import { AIMS } from '#domain/plan.ts';
import type { Problem } from './arrangement.ts';
import { alikeGuests } from './guest-kinds.ts';
import { memoryHome } from './guest-memory.ts';
import { mostThreads } from './lower-bounds.ts';
import { type Block, shortestTies } from './node-blocks.ts';
import { cpusOf, threadsOfEach } from './node-model.ts';
import type { AdditiveCost } from './shapes.ts';

/** Guests that could stand in a block, tie it together, and leave room enough for all others. */
export interface Quarter {
  readonly block: Block;
  /** By kind of guests: how many. */
  readonly counts: readonly number[];
  /** By aim: what these guests cost there at least. */
  readonly least: readonly number[];
}

export interface Quarters {
  /** By kind, indices of its demands. */
  readonly kinds: ReadonlyArray<readonly number[]>;
  readonly quarters: readonly Quarter[];
}

/** So many of the AIMS, from the first, add up over quarters: those of guests, and the cores that two of them share. */
export const ADDING_AIMS = AIMS.indexOf('pressure') + 1;
/** The next is that of the quarter which has it best. */
export const QUARTER_AIMS = AIMS.indexOf('nodeFragmentation') + 1;

/** With more than this a question about them would be too large. */
const MOST_QUARTERS = 12_000;
/** Sets of guests that are looked at for them. */
const MOST_LOOKS = 500_000;

/**
 * Null when there are too many, or when blocks depend on each other: guests that share CPUs, memory that several nodes share,
 * limits on moves.
 * @param most By aim, from the first: what is not to be exceeded.
 */
export function makeQuarters(
  problem: Problem,
  { bounds, most }: { bounds: readonly AdditiveCost[]; most: readonly number[] },
): Quarters | null {
  if (!isSeparable(problem)) return null;
  const { demands, host } = problem;
  const kinds = alikeGuests(demands).map(guests => kindOf(guests, problem, bounds));
  const mostTies = (most[0] ?? 0) - demands.length;
  const blocks = makeBlocks(problem, { mostTies, mostDistance: most[1] ?? Number.POSITIVE_INFINITY });
  const whole: Room = {
    cpus: host.groups.reduce((sum, group) => sum + group.cores.length * group.threads, 0),
    memoryMiB: blocks.reduce((sum, { block, memoryMiB }) => sum + (block.length === 1 ? memoryMiB : 0), 0),
  };
  const largest = Math.max(...blocks.map(block => block.largest));
  const all = kinds.reduce((need, kind) => add(need, kind, kind.guests.length), NO_NEED);
  const quarters: Quarter[] = [];
  let looks = 0;
  const fill = (at: FilledBlock, counts: readonly number[], need: Need): boolean => {
    if (++looks > MOST_LOOKS) return false;
    const kind = kinds[counts.length];
    if (kind === undefined) {
      const ties = Math.max(at.block.length - 1, need.ties);
      const isTied = need.guests > 0 && need.mostTies >= at.block.length - 1;
      const leavesRoom =
        all.cpus - need.cpus + at.cpus <= whole.cpus &&
        all.memoryMiB - need.memoryMiB + at.memoryMiB <= whole.memoryMiB &&
        all.ties - need.ties + ties <= mostTies;
      if (isTied && leavesRoom) quarters.push({ block: at.block, counts, least: leastOf(at, need, { ties, largest }) });
      return quarters.length <= MOST_QUARTERS;
    }
    let then = need;
    for (let count = 0; count <= kind.guests.length; count++) {
      if (then.cpus > at.cpus || then.memoryMiB > at.memoryMiB || then.nodes > at.block.length) break;
      if (!fill(at, [...counts, count], then)) return false;
      then = add(then, kind, 1);
    }
    return true;
  };
  for (const block of blocks) if (!fill(block, [], NO_NEED)) return null;
  return { kinds: kinds.map(({ guests }) => guests), quarters };
}

function isSeparable({ demands, host, mostMoves }: Problem): boolean {
  const isOwn = ({ node }: { readonly node: NumaNodeId }) => memoryHome(host.topology, node) === node;
  return (
    mostMoves === null &&
    host.nodeSetsComplete &&
    host.groups.every(isOwn) &&
    demands.every(demand => demand.class === 'dedicated' && !demand.pinsPages)
  );
}

interface Room {
  readonly cpus: number;
  readonly memoryMiB: number;
}

interface FilledBlock extends Room {
  readonly block: Block;
  readonly distance: number;
  readonly cores: number;
  /** Cores of its largest node. */
  readonly largest: number;
  /** Of a core, at most. */
  readonly threads: number;
}

/** What guests need wherever they stand, added up; of `nodes` the most. */
interface Need extends Room {
  readonly guests: number;
  readonly nodes: number;
  /** Nodes beyond one each, at least and at most. */
  readonly ties: number;
  readonly mostTies: number;
  /** Cores, where nobody shares one, and where all do. */
  readonly cores: number;
  readonly fewestCores: number;
  readonly llcs: number;
}

const NO_NEED: Need = {
  guests: 0,
  cpus: 0,
  memoryMiB: 0,
  nodes: 0,
  ties: 0,
  mostTies: 0,
  cores: 0,
  fewestCores: 0,
  llcs: 0,
};

interface Kind {
  readonly guests: readonly number[];
  /** Of one of them. */
  readonly need: Need;
}

const add = (a: Need, { need: b }: Kind, count: number): Need => ({
  guests: a.guests + count * b.guests,
  cpus: a.cpus + count * b.cpus,
  memoryMiB: a.memoryMiB + count * b.memoryMiB,
  nodes: Math.max(a.nodes, count > 0 ? b.nodes : 0),
  ties: a.ties + count * b.ties,
  mostTies: a.mostTies + count * b.mostTies,
  cores: a.cores + count * b.cores,
  fewestCores: a.fewestCores + count * b.fewestCores,
  llcs: a.llcs + count * b.llcs,
});

function kindOf(guests: readonly number[], { demands, host }: Problem, bounds: readonly AdditiveCost[]): Kind {
  const [first = 0] = guests;
  const demand = demands[first];
  const threads = threadsOfEach(host.groups);
  const alone = (aim: 0 | 3) => (bounds[first]?.[aim] ?? 0) - (bounds[first + 1]?.[aim] ?? 0);
  if (demand === undefined) return { guests, need: NO_NEED };
  const cores = demand.smt === 'isolate' ? demand.vcpus : Math.ceil(demand.vcpus / mostThreads(host));
  const need = {
    guests: 1,
    cpus: cpusOf(demand, threads),
    memoryMiB: demand.memoryMiB,
    nodes: alone(0),
    ties: alone(0) - 1,
    mostTies: demand.vcpus - 1,
    cores: cores + demand.emulatorCores,
    fewestCores: demand.emulatorCores + (demand.smt === 'any' ? demand.vcpus / mostThreads(host) : cores),
    llcs: alone(3),
  };
  return { guests, need };
}

/** Ties join each node to the next, and every guest has a cache on each of its nodes. Guests that share a core save one each but for the first. */
const leastOf = (
  at: FilledBlock,
  need: Need,
  { ties, largest }: { ties: number; largest: number },
): readonly number[] =>
  AIMS.slice(0, QUARTER_AIMS).map(aim => {
    if (aim === 'nodes') return need.guests + ties;
    if (aim === 'distance') return at.distance;
    if (aim === 'llcs') return Math.max(need.llcs, need.guests + ties);
    if (aim === 'sharedCores') return Math.max(0, Math.ceil((need.cores - at.cores) / (at.threads - 1 || 1)));
    return aim === 'nodeFragmentation' ? largest - Math.min(at.largest, Math.floor(at.cores - need.fewestCores)) : 0;
  });

function makeBlocks(
  { host, memoryMiB }: Problem,
  { mostTies, mostDistance }: { mostTies: number; mostDistance: number },
): readonly FilledBlock[] {
  const lengthOf = shortestTies(host.topology);
  const memoryOn = (node: NumaNodeId) =>
    [...host.poolMiB].reduce(
      (sum, [key, mib]) => sum + (key.startsWith(`${node}/`) ? mib : 0),
      memoryMiB.get(node) ?? Number.POSITIVE_INFINITY,
    );
  const nodes = [...new Set(host.groups.map(({ node }) => node))];
  return subsets(nodes, mostTies + 1).flatMap((block): readonly FilledBlock[] => {
    const distance = lengthOf(block);
    if (distance > mostDistance) return [];
    const groups = host.groups.filter(({ node }) => block.includes(node));
    return [
      {
        block,
        distance,
        cores: groups.reduce((sum, { cores }) => sum + cores.length, 0),
        threads: Math.max(...groups.map(({ threads }) => threads)),
        largest: Math.max(...block.map(node => coresOn(node, host))),
        cpus: groups.reduce((sum, { cores, threads }) => sum + cores.length * threads, 0),
        memoryMiB: block.reduce((sum, node) => sum + memoryOn(node), 0),
      },
    ];
  });
}

/** In cores. */
export const largestNode = (host: Problem['host']): number =>
  Math.max(...host.groups.map(({ node }) => coresOn(node, host)));

/** That guests may have for themselves. */
export const coresOn = (node: NumaNodeId, { groups }: Problem['host']): number =>
  groups.reduce((sum, group) => sum + (group.node === node ? group.cores.length : 0), 0);

/** Of one item and up to `most`. */
function subsets<Item>(items: readonly Item[], most: number): ReadonlyArray<readonly Item[]> {
  const found: Array<readonly Item[]> = [];
  for (const item of items) {
    const larger = found.filter(set => set.length < most).map(set => [...set, item]);
    found.push(...larger, [item]);
  }
  return found;
}
