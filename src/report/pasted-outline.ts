// A pasted topology as nested titles: packages, NUMA nodes, LLC domains and cores, as far as the text tells.
import type { CoreKind } from '#domain/host-topology.ts';
import { encodeIdList } from '#domain/id-list.ts';
import { type CpuSet, nodeSet, unionOf } from '#domain/id-set.ts';
import type { PastedCore, PastedNode, PastedTopology } from '#domain/pasted-topology.ts';
import { flowWords, plainPiece } from './flow-words.ts';
import { renderKib, renderMib } from './memory-text.ts';

export interface OutlineEntry {
  readonly title: string;
  readonly facts: readonly string[];
  readonly children: readonly OutlineEntry[];
}

/** Lines of facts; a long CPU list is broken behind its commas. */
export function wrapFacts(facts: readonly string[], width: number): readonly string[] {
  const breakable = facts.map(fact => (fact.length > width / 2 ? fact.replaceAll(',', ', ') : fact));
  return flowWords(breakable.join(' · ').split(' ').map(plainPiece), { width, separator: ' ' });
}

/** Levels that the text does not tell are left out; nodes without known cores stand at the end. */
export function makePastedOutline(pasted: PastedTopology): readonly OutlineEntry[] {
  const { cores, packages, llcs, nodes } = pasted;
  const shown = new Set((cores ?? []).map(core => core.node));
  const others = (nodes ?? []).filter(node => !shown.has(node.id));
  const bare = (title: string, cpus: CpuSet): OutlineEntry => ({ title, facts: [cpusText(cpus)], children: [] });
  return [
    ...(cores ? makeLevels(pasted, cores, LEVELS) : []),
    ...(cores ? [] : (packages ?? []).map(({ id, cpus }) => bare(`Package ${id}`, cpus))),
    ...(cores ? [] : (llcs ?? []).map(({ level, cpus }) => bare(`L${level}`, cpus))),
    ...others.map(node => ({ title: `Node ${node.id}`, facts: [...nodeFacts(node), ownCpusText(node)], children: [] })),
  ];
}

/** `2 packages`, `8 NUMA nodes`, … what is counted because it is listed. */
export function makePastedFacts({ present, online, packages, nodes, llcs, cores }: PastedTopology): readonly string[] {
  const offline = online && present?.difference(online);
  return [
    ...countOf(packages?.length, 'package'),
    ...countOf(nodes?.length, 'NUMA node'),
    ...countOf(llcs?.length, 'LLC domain'),
    ...countOf(cores?.length, 'core'),
    ...countOf(online?.size, 'CPU'),
    ...(offline && !offline.isEmpty ? [`not shown or offline ${encodeIdList(offline)}`] : []),
  ];
}

const countOf = (count: number | undefined, noun: string): readonly string[] =>
  count === undefined ? [] : [`${count} ${noun}${count === 1 ? '' : 's'}`];

const cpusText = (cpus: CpuSet): string => `CPUs ${encodeIdList(cpus) || 'none'}`;

const ownCpusText = ({ cpus }: PastedNode): string => (cpus ? cpusText(cpus) : 'CPUs unknown');

interface Level {
  readonly field: 'package' | 'node' | 'llc';
  title(pasted: PastedTopology, id: number, cores: readonly PastedCore[]): Omit<OutlineEntry, 'children'>;
}

const LEVELS: readonly Level[] = [
  { field: 'package', title: (_, id) => ({ title: `Package ${id}`, facts: [] }) },
  {
    field: 'node',
    title: ({ nodes }, id) => {
      const node = nodes?.find(found => found.id === id);
      return { title: `Node ${id}`, facts: node ? nodeFacts(node) : [] };
    },
  },
  {
    field: 'llc',
    title: ({ llcs }, id, cores) => {
      const llc = llcs?.find(found => found.id === id);
      const size = llc?.sizeKiB == null ? '' : ` ${renderKib(llc.sizeKiB)}`;
      return { title: `L${llc?.level ?? ''}${size}`, facts: [cpusText(unionOf(cores.map(core => core.cpus)))] };
    },
  },
];

/** Cores in groups by the first level, those groups by the next, down to the cores themselves. */
function makeLevels(
  pasted: PastedTopology,
  cores: readonly PastedCore[],
  [level, ...below]: readonly Level[],
): readonly OutlineEntry[] {
  if (!level) return makeCoreEntries(cores);
  return [...new Set(cores.map(core => core[level.field]))].flatMap(id => {
    const inside = cores.filter(core => core[level.field] === id);
    const children = makeLevels(pasted, inside, below);
    return id === null ? children : [{ ...level.title(pasted, id, inside), children }];
  });
}

function makeCoreEntries(cores: readonly PastedCore[]): readonly OutlineEntry[] {
  return [...new Set(cores.map(core => core.kind))].map(kind => {
    const inside = cores.filter(core => core.kind === kind);
    const name = `${kindText(kind)}core${inside.length === 1 ? '' : 's'}`;
    return { title: `${inside.length} ${name}`, facts: inside.map(core => encodeIdList(core.cpus)), children: [] };
  });
}

const kindText = (kind: CoreKind | null): string => (kind === null || kind === 'uniform' ? '' : `${kind} `);

function nodeFacts({ id, memoryMiB, distances }: PastedNode): readonly string[] {
  const others = [...distances].filter(([to]) => to !== id);
  const values = [...new Set(others.map(([, distance]) => distance))].sort((a, b) => a - b);
  return [
    memoryMiB === null ? 'memory unknown' : `${renderMib(memoryMiB)} memory`,
    ...values.map(value => {
      const at = nodeSet(others.filter(([, distance]) => distance === value).map(([to]) => to));
      return `distance ${value} to ${encodeIdList(at)}`;
    }),
  ];
}
