// Whether guests can stand on other sets of nodes, as a linear model: it knows cores and memory of every node, and nothing of caches.
import type { CoreKind } from '#domain/host-topology.ts';
import type { NumaNodeId } from '#domain/ids.ts';
import { AIMS } from '#domain/plan.ts';
import type { Problem } from './arrangement.ts';
import type { CoreGroup } from './core-groups.ts';
import type { Demand } from './demand.ts';
import { memoryHome } from './guest-memory.ts';
import { LEAST_PART_MIB } from './lean-memory.ts';
import type { LinearModel } from './linear-model.ts';
import { type ModelMaker, makeModelMaker, type Term } from './model-maker.ts';
import type { NodeKind, NodeWay } from './node-kinds.ts';

export interface NodeModel {
  readonly model: LinearModel;
  readonly taken: readonly TakenWay[];
}

/** Variables of one way of one kind of guests: those that take it, and what they have together. */
export interface TakenWay {
  readonly kind: NodeKind;
  readonly way: NodeWay;
  readonly guests: number;
  /** By node, as in the way; empty on a single node. */
  readonly vcpus: readonly number[];
  /** By home; empty where memory is in proportion. */
  readonly memory: readonly number[];
  /** How unevenly vCPUs lie over the nodes, at least; null on a single node, or where it is not asked for. */
  readonly imbalance: number | null;
}

/** CPUs of a node that nobody may have. */
export interface KeptFree {
  readonly node: NumaNodeId;
  readonly cpus: number;
}

/**
 * What guests of one kind have together on the same nodes can always be dealt out among them, so one variable for each node is
 * enough. Left out are caches, the host's free hugepages by size, and remainders of memory below a page or a MiB for each vCPU.
 * @param most By aim, from the first: values that must not be exceeded. The last of them is to be as small as possible. Aims that
 * nodes alone do not decide count as nothing, but for imbalance.
 */
export function makeNodeModel(
  problem: Problem,
  kinds: readonly NodeKind[],
  { most, keptFree }: { most: readonly number[]; keptFree: KeptFree | null },
): NodeModel {
  const maker = makeModelMaker();
  const cpus = new Map<string, Term[]>();
  const memory = new Map<NumaNodeId, Term[]>();
  const use: Use = {
    cpus: (node, kind, terms) => void append(cpus, cpuKey(node, kind), terms),
    memory: (home, terms) => void append(memory, home, terms),
  };
  const tellsImbalance = most.length > IMBALANCE;
  const taken = kinds.flatMap(kind => {
    const ofKind = kind.ways.map(way => takeWay(maker, { kind, way, problem, use, tellsImbalance }));
    const { length } = kind.guests;
    maker.row(
      length,
      length,
      ofKind.map(({ guests }): Term => [guests, 1]),
    );
    return ofKind;
  });
  const { groups, poolMiB } = problem.host;
  for (const [key, terms] of cpus) {
    const there = groups.filter(({ node, kind }) => cpuKey(node, kind) === key);
    maker.row(
      0,
      there.reduce((sum, { cores, threads }) => sum + cores.length * threads, 0),
      terms,
    );
  }
  if (keptFree !== null) {
    const there = groups.filter(({ node }) => node === keptFree.node);
    const all = there.reduce((sum, { cores, threads }) => sum + cores.length * threads, 0);
    const inUse = [...new Set(there.map(({ kind }) => kind))].flatMap(
      kind => cpus.get(cpuKey(keptFree.node, kind)) ?? [],
    );
    maker.row(Number.NEGATIVE_INFINITY, all - keptFree.cpus, inUse);
  }
  for (const [home, terms] of memory) {
    const pools = [...poolMiB].filter(([key]) => key.startsWith(`${home}/`)).map(([, mib]) => mib);
    const free = problem.memoryMiB.get(home) ?? Number.POSITIVE_INFINITY;
    maker.row(
      Number.NEGATIVE_INFINITY,
      pools.reduce((sum, mib) => sum + mib, free),
      terms,
    );
  }
  const costs = most.map((_, aim) =>
    aim === IMBALANCE
      ? taken.flatMap(({ imbalance }): Term[] => (imbalance === null ? [] : [[imbalance, 1]]))
      : taken.map(({ way, guests }): Term => [guests, way.cost[aim] ?? 0]),
  );
  for (const [aim, terms] of costs.entries()) maker.row(0, most[aim] ?? 0, terms);
  maker.minimize(costs.at(-1) ?? []);
  return { model: maker.done(), taken };
}

const IMBALANCE = AIMS.indexOf('imbalance');

const cpuKey = (node: NumaNodeId, kind: CoreKind): string => `${node} ${kind}`;

function append<Key>(map: Map<Key, Term[]>, key: Key, terms: readonly Term[]): void {
  map.set(key, [...(map.get(key) ?? []), ...terms]);
}

interface Use {
  /** In CPUs. */
  readonly cpus: (node: NumaNodeId, kind: CoreKind, terms: readonly Term[]) => void;
  readonly memory: (home: NumaNodeId, terms: readonly Term[]) => void;
}

interface Taking {
  readonly kind: NodeKind;
  readonly way: NodeWay;
  readonly problem: Problem;
  readonly use: Use;
  readonly tellsImbalance: boolean;
}

function takeWay(maker: ModelMaker, taking: Taking): TakenWay {
  const { kind, way, problem, use } = taking;
  const { demand } = kind;
  const guests = maker.variable(kind.guests.length);
  const [home, ...homes] = way.homes;
  if (home !== undefined && homes.length === 0) {
    const residentMiB = demand.pinsPages ? (demand.residentMiB.get(home) ?? 0) : 0;
    use.memory(home, [[guests, Math.max(0, demand.memoryMiB - residentMiB)]]);
  }
  if (demand.class === 'confined') return { kind, way, guests, vcpus: [], memory: [], imbalance: null };
  const threads = threadsOf(way, problem);
  const [node, ...others] = way.nodes;
  if (node !== undefined && others.length === 0) {
    use.cpus(node, way.kind, [[guests, cpusOf(demand, threads)]]);
    return { kind, way, guests, vcpus: [], memory: [], imbalance: null };
  }
  const vcpus = splitVcpus(maker, taking, { guests, threads });
  const memory = homes.length > 0 ? splitMemory(maker, taking, { guests, vcpus }) : [];
  return { kind, way, guests, vcpus, memory, imbalance: taking.tellsImbalance ? unevenness(maker, vcpus) : null };
}

/** Between any two nodes the guests together differ by no more than each of them added up. */
function unevenness(maker: ModelMaker, vcpus: readonly number[]): number {
  const imbalance = maker.variable(Number.POSITIVE_INFINITY);
  for (const [at, a] of vcpus.entries()) {
    for (const b of vcpus.slice(at + 1)) {
      for (const [more, less] of [[a, b] as const, [b, a] as const]) {
        maker.row(0, Number.POSITIVE_INFINITY, [
          [imbalance, 1],
          [more, -1],
          [less, 1],
        ]);
      }
    }
  }
  return imbalance;
}

/** Every node has one of the guest's vCPUs or more. */
function splitVcpus(
  maker: ModelMaker,
  { kind: { demand, guests: alike }, way, use }: Taking,
  { guests, threads }: { guests: number; threads: number },
): readonly number[] {
  const others = way.nodes.length - 1;
  const perNode = way.nodes.map((_, at) => {
    const most = Math.min(way.room[at] ?? 0, demand.vcpus - others);
    const vcpus = maker.variable(most * alike.length);
    maker.row(0, Number.POSITIVE_INFINITY, [
      [vcpus, 1],
      [guests, -1],
    ]);
    maker.row(Number.NEGATIVE_INFINITY, 0, [
      [vcpus, 1],
      [guests, -most],
    ]);
    return vcpus;
  });
  maker.row(0, 0, [...perNode.map((vcpus): Term => [vcpus, 1]), [guests, -demand.vcpus]]);
  if (sharesCores(demand)) {
    for (const [at, node] of way.nodes.entries()) use.cpus(node, way.kind, [[perNode[at] ?? 0, 1]]);
    return perNode;
  }
  const unit = demand.smt === 'any' ? 1 : threads;
  const all = perNode.map((vcpus, at) => {
    const units = maker.variable(Number.POSITIVE_INFINITY);
    const perVcpu = demand.smt === 'isolate' ? threads : 1;
    maker.row(0, Number.POSITIVE_INFINITY, [
      [units, unit],
      [vcpus, -perVcpu],
    ]);
    const node = way.nodes[at];
    if (node !== undefined) use.cpus(node, way.kind, [[units, unit]]);
    return units;
  });
  const least = cpusOf(demand, threads) / unit;
  // Pairs are not torn: with as few cores as can be, no two parts are odd.
  const isTight = demand.smt === 'pairs' && demand.emulatorCores === 0 && threads === 2;
  maker.row(0, isTight ? 0 : Number.POSITIVE_INFINITY, [...all.map((units): Term => [units, 1]), [guests, -least]]);
  return perNode;
}

/** By home, in proportion to vCPUs at least, and of a lean home less. */
function splitMemory(
  maker: ModelMaker,
  { kind: { demand }, way, problem, use }: Taking,
  { guests, vcpus }: { guests: number; vcpus: readonly number[] },
): readonly number[] {
  const { topology } = problem.host;
  const perVcpu = Math.floor(demand.memoryMiB / demand.vcpus);
  const sharesOf = (home: NumaNodeId, mib: number) =>
    way.nodes.flatMap((node, at): Term[] => (memoryHome(topology, node) === home ? [[vcpus[at] ?? 0, mib]] : []));
  if (way.lean.length === 0) {
    for (const home of way.homes) {
      const residentMiB = demand.pinsPages ? (demand.residentMiB.get(home) ?? 0) : 0;
      const remainder = demand.pageMiB === 1 ? 0 : demand.pageMiB;
      use.memory(home, [...sharesOf(home, perVcpu), [guests, -residentMiB - remainder]]);
    }
    return [];
  }
  const parts = way.homes.map(home => {
    const mib = maker.amount();
    use.memory(home, [[mib, 1]]);
    const isLean = way.lean === 'any' || way.lean.includes(home);
    const least: readonly Term[] = isLean ? [[guests, -LEAST_PART_MIB]] : sharesOf(home, -perVcpu);
    maker.row(0, Number.POSITIVE_INFINITY, [[mib, 1], ...least]);
    if (isLean && way.lean !== 'any') {
      maker.row(Number.NEGATIVE_INFINITY, 0, [[mib, 1], ...sharesOf(home, -perVcpu - 1)]);
    }
    return mib;
  });
  maker.row(0, 0, [...parts.map((mib): Term => [mib, 1]), [guests, -demand.memoryMiB]]);
  return parts;
}

/** Wherever it stands, it takes no more than a CPU for each vCPU. */
const sharesCores = ({ smt, emulatorCores }: Demand): boolean => smt === 'any' && emulatorCores === 0;

/** CPUs that nobody else can have, at least: with `any`, threads that are left over may be others'. */
export function cpusOf({ smt, vcpus, emulatorCores }: Demand, threads: number): number {
  if (smt === 'any') return vcpus + emulatorCores * threads;
  const cores = smt === 'isolate' ? vcpus : Math.ceil(vcpus / threads);
  return (cores + emulatorCores) * threads;
}

const threadsOf = ({ nodes, kind }: NodeWay, { host }: Problem): number =>
  threadsOfEach(host.groups.filter(group => group.kind === kind && nodes.includes(group.node)));

/** Of every core; 1 where they differ, since a guest may then have its vCPUs wherever that takes the fewest. */
export function threadsOfEach(groups: readonly CoreGroup[]): number {
  const counts = new Set(groups.map(({ threads }) => threads));
  const [threads = 1] = counts;
  return counts.size > 1 ? 1 : threads;
}
