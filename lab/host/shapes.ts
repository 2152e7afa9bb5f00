// The hosts that the lab can invent, as data: `npm run lab -- NAME`.

/** A NUMA node: the CPUs are those of whole cores, by core index over the whole machine; none for a memory-only node. */
export interface LabNode {
  readonly cores: readonly number[];
  /** 0 for a node that has CPUs alone. */
  readonly memoryMiB: number;
}

export interface LabShape {
  readonly what: string;
  readonly sockets: number;
  /** Per socket; each die has a last-level cache of its own. */
  readonly dies: number;
  /** Per die. */
  readonly cores: number;
  readonly threads: 1 | 2;
  /** `adjacent`: CPUs 2k and 2k+1 are one core. `last`: all first threads are numbered before all second ones, as on servers. */
  readonly siblings: 'adjacent' | 'last';
  readonly nodes: readonly LabNode[];
  /** `distances[i][j]`, 10 on the diagonal; default 20 between any two nodes. */
  readonly distances?: readonly (readonly number[])[];
  /** CPUs that are taken offline before anything else runs. */
  readonly offline?: readonly number[];
}

/** `count` cores from core `first` on. */
const cores = (first: number, count: number): readonly number[] => Array.from({ length: count }, (_, k) => first + k);

/** `count` nodes of `coresEach` cores and `memoryMiB` each. */
const evenNodes = (count: number, coresEach: number, memoryMiB: number): readonly LabNode[] =>
  Array.from({ length: count }, (_, id) => ({ cores: cores(id * coresEach, coresEach), memoryMiB }));

/** Two sockets of four cores, a node each, no SMT. */
const twoNodes: LabShape = {
  what: 'two sockets of four cores, a node each, no SMT',
  ...{ sockets: 2, dies: 1, cores: 4, threads: 1, siblings: 'adjacent' },
  nodes: evenNodes(2, 4, 2048),
  distances: [
    [10, 21],
    [21, 10],
  ],
};

export const labShapes = {
  '2p2n8c': twoNodes,
  '2p2n8c2t': {
    ...twoNodes,
    what: 'two sockets of four cores with two threads, siblings numbered last (CPUs 0 and 8 are one core), as on servers',
    ...{ threads: 2, siblings: 'last' },
  },
  '2p2n8c2t-adjacent': {
    ...twoNodes,
    what: 'two sockets of four cores with two threads, siblings numbered in pairs (CPUs 0 and 1 are one core)',
    threads: 2,
  },
  '2p8n16c': {
    what: 'two sockets split into four nodes each (NPS4), two cores a node, a cache for each node',
    ...{ sockets: 2, dies: 4, cores: 2, threads: 1, siblings: 'adjacent' },
    nodes: evenNodes(8, 2, 640),
    distances: Array.from({ length: 8 }, (_, from) =>
      Array.from({ length: 8 }, (_, to) => {
        if (from === to) return 10;
        return Math.floor(from / 4) === Math.floor(to / 4) ? 12 : 32;
      }),
    ),
  },
  'memory-only-node': {
    ...twoNodes,
    what: 'two sockets and a third node that is memory alone, as a CXL expander shows itself',
    nodes: [...evenNodes(2, 4, 1536), { cores: [], memoryMiB: 1024 }],
    distances: [
      [10, 21, 14],
      [21, 10, 24],
      [14, 24, 10],
    ],
  },
  'cpu-only-node': {
    ...twoNodes,
    what: 'two sockets, all memory on the first: the second node has CPUs alone',
    nodes: [
      { cores: cores(0, 4), memoryMiB: 4096 },
      { cores: cores(4, 4), memoryMiB: 0 },
    ],
  },
  asymmetric: {
    what: 'three sockets of two cores whose distances differ by direction',
    ...{ sockets: 3, dies: 1, cores: 2, threads: 1, siblings: 'adjacent' },
    nodes: evenNodes(3, 2, 1280),
    distances: [
      [10, 16, 28],
      [20, 10, 16],
      [24, 18, 10],
    ],
  },
  '2p2n8c-offline': { ...twoNodes, what: 'two sockets of four cores, CPUs 3 and 6 offline', offline: [3, 6] },
  '2p2n2c': {
    ...twoNodes,
    what: 'two sockets of one core, a node each: the smallest host that has a core to give away',
    cores: 1,
    nodes: evenNodes(2, 1, 1536),
  },
  '1p1n4c': {
    what: 'one socket of four cores, one node: a small home server',
    ...{ sockets: 1, dies: 1, cores: 4, threads: 1, siblings: 'adjacent' },
    nodes: evenNodes(1, 4, 3072),
  },
  '1p1n2d8c2t': {
    what: 'one socket of two dies, four cores with two threads each, one node, a cache for each die: a desktop Ryzen',
    ...{ sockets: 1, dies: 2, cores: 4, threads: 2, siblings: 'last' },
    nodes: evenNodes(1, 8, 4096),
  },
} as const satisfies Record<string, LabShape>;

/** @throws Error that lists the shapes there are. */
export function findLabShape(name: string): LabShape {
  const shape = Object.entries<LabShape>(labShapes).find(([known]) => known === name)?.[1];
  if (shape !== undefined) return shape;
  throw new Error(`There is no shape "${name}". There are:\n${listLabShapes()}`);
}

/** A line for each. */
export const listLabShapes = (): string =>
  Object.entries<LabShape>(labShapes)
    .map(([name, { what }]) => `  ${name.padEnd(20)}${what}`)
    .join('\n');

export const countCpus = ({ sockets, dies, cores, threads }: LabShape): number => sockets * dies * cores * threads;

export const sumMemoryMiB = ({ nodes }: LabShape): number => nodes.reduce((sum, { memoryMiB }) => sum + memoryMiB, 0);
