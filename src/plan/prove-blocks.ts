// Proves how many nodes guests need, and how near, block by block: guests that span nodes tie these together, and few ties leave many blocks.
import type { NumaNodeId } from '#domain/ids.ts';
import { AIMS, type AimName } from '#domain/plan.ts';
import { addCost, compareValues } from './aim-values.ts';
import type { Problem, Settled } from './arrangement.ts';
import { memoryHome } from './guest-memory.ts';
import { leastLeanDistance } from './least-lean.ts';
import { knowsNodes, nodeLikeness } from './like-nodes.ts';
import { lowest, type SolveLimits } from './linear-model.ts';
import { type Block, type Parting, partNodes } from './node-blocks.ts';
import { makeNodeKinds } from './node-kinds.ts';
import { cpusOf, type KeptFree, makeNodeModel, threadsOfEach } from './node-model.ts';
import { distanceWithin } from './node-sets.ts';
import { type Heap, type Load, packBlocks } from './pack-blocks.ts';
import type { Answer, NodeQuestion } from './prove-nodes.ts';
import { readNodeWays } from './read-node-ways.ts';
import type { AdditiveCost } from './shapes.ts';

/** Aims that lie in how guests tie nodes together. */
export const BLOCK_AIMS: ReadonlySet<AimName> = new Set(['nodes', 'distance', 'imbalance', 'nodeFragmentation']);

/** Few guests may stand across blocks, so each question is a small one. */
const LIMITS: SolveLimits = { nodes: 1000, iterations: 10_000 };
/** Questions that are asked in all; fewer where nothing is known yet, since each then has more ways. */
const MOST_QUESTIONS = { proving: 100, finding: 20 };
/** Many guests are small beside a block, which then is hardly ever too small for them. */
const MOST_GUESTS = 24;

/**
 * 1. Nodes are parted into blocks in every way that could lead to something better.
 * 2. Ways in which the guests do not even fit into blocks that are heaps of CPUs and memory are left out.
 * 3. The solver is asked about those that remain, those first that could be best.
 */
export async function askByBlocks(question: BlockQuestion): Promise<Answer> {
  const { aim, known } = question;
  if (question.emptiest !== null && aim !== 'nodeFragmentation') return { better: null, known };
  const rank = AIMS.indexOf(aim);
  let best = question.best;
  const value = () => best.values[rank] ?? 0;
  const partings = candidates(question);
  if (partings === null) return { better: null, known };
  let open = Number.POSITIVE_INFINITY;
  const asked = new Set<string>();
  const most = Number.isFinite(value()) ? MOST_QUESTIONS.proving : MOST_QUESTIONS.finding;
  for (const { parting, least } of partings) {
    // Those that follow have no less.
    if (least >= value()) break;
    const form = formOf(parting, question);
    if (asked.has(form) || !mayFit(parting, question)) continue;
    if (asked.add(form).size > most) {
      open = Math.min(open, least);
      break;
    }
    const answer = await askWithin(parting, { ...question, best });
    if (answer.better !== null) best = answer.better;
    open = Math.min(open, Math.max(least, answer.least));
    // What others come to would tell no more.
    if (open <= known.least) break;
  }
  const least = Math.max(known.least, Math.min(open, value()));
  return { better: best === question.best ? null : best, known: { ...known, least } };
}

interface BlockQuestion extends NodeQuestion {
  /** The node that stays emptiest; null as long as fragmentation does not count. */
  readonly emptiest: NumaNodeId | null;
  /** What demands i, i+1, … cost at least, each alone. */
  readonly bounds: readonly AdditiveCost[];
}

interface Candidate {
  readonly parting: Parting;
  /** No arrangement in which guests tie exactly these blocks has less in the aim. */
  readonly least: number;
}

/** In order of what they could lead to. Null when there are too many, or when the aim does not follow from them. */
function candidates({ problem, best, aim, bounds }: BlockQuestion): readonly Candidate[] | null {
  const { host, demands } = problem;
  if (demands.length > MOST_GUESTS) return null;
  const nodes = host.topology.nodes.filter(({ cpus }) => !cpus.isEmpty).map(({ id }) => id);
  const ties = (best.values[0] ?? 0) - demands.length;
  const tiesAlone = (bounds[0]?.[0] ?? 0) - demands.length;
  const partings = partNodes(nodes, aim === 'nodes' ? ties - 1 : ties, host.topology);
  if (partings === null) return null;
  const toMemory = leastLeanDistance(problem);
  const leastIn = (parting: Parting) => {
    if (aim === 'nodes') return demands.length + Math.max(parting.ties, tiesAlone);
    return aim === 'distance' ? parting.distance + toMemory : 0;
  };
  return partings
    .filter(({ distance }) => aim === 'nodes' || distance + toMemory <= (best.values[1] ?? 0))
    .map(parting => ({ parting, least: leastIn(parting) }))
    .sort((a, b) => a.least - b.least);
}

/**
 * Partings of the same form are mirror images of each other: a block of up to three nodes is told by what its nodes are, and how far
 * from each other.
 */
function formOf({ blocks }: Parting, { problem, emptiest }: BlockQuestion): string {
  if (problem.demands.some(knowsNodes)) return JSON.stringify(blocks);
  const like = (node: NumaNodeId) => (node === emptiest ? 'emptiest' : nodeLikeness(problem, node));
  const ties = (block: Block) =>
    block.flatMap((a, at) =>
      block
        .slice(at + 1)
        .map(b => [...[like(a), like(b)].sort(), distanceWithin(problem.host.topology, [a, b])].join()),
    );
  const forms = blocks.map(block =>
    block.length > 3 ? block.join() : [...block.map(like), ...ties(block)].sort().join('; '),
  );
  return forms.sort().join(' | ');
}

/** False only when there is no way to share the guests out over the blocks. */
function mayFit({ blocks }: Parting, question: BlockQuestion): boolean {
  const { problem, best, aim, bounds } = question;
  const { demands, host } = problem;
  const keptFree = keptFreeIn(question);
  const threads = threadsOfEach(host.groups);
  const loads = demands.map((demand, guest): Load => {
    const held = [...demand.residentMiB.values()].reduce((sum, mib) => sum + mib, 0);
    return {
      cpus: demand.class === 'dedicated' ? cpusOf(demand, threads) : 0,
      memoryMiB: Math.max(0, demand.memoryMiB - (demand.pinsPages ? held : 0)),
      nodes: (bounds[guest]?.[0] ?? 1) - (bounds[guest + 1]?.[0] ?? 0),
    };
  });
  const ties = (best.values[0] ?? 0) - demands.length;
  const heaps = blocks.map(block => heapOf(block, problem, keptFree));
  return packBlocks(loads, heaps, aim === 'nodes' ? ties - 1 : ties) !== 'never';
}

/** Memory that is nearest to nodes of several blocks is told with each. */
function heapOf(block: Block, { host, memoryMiB }: Problem, keptFree: KeptFree | null): Heap {
  const cores = host.groups.filter(({ node }) => block.includes(node));
  const kept = keptFree !== null && block.includes(keptFree.node) ? keptFree.cpus : 0;
  const homes = new Set(block.map(node => memoryHome(host.topology, node)));
  const pools = [...host.poolMiB].filter(([key]) => homes.has(Number(key.split('/')[0]) as NumaNodeId));
  return {
    cpus: cores.reduce((sum, group) => sum + group.cores.length * group.threads, -kept),
    memoryMiB: [...homes].reduce(
      (sum, home) => sum + (memoryMiB.get(home) ?? Number.POSITIVE_INFINITY),
      pools.reduce((sum, [, mib]) => sum + mib, 0),
    ),
    nodes: block.length,
  };
}

/** CPUs that have to stay free in the emptiest node for something better. Where cores have unlike threads, as few as those could have. */
function keptFreeIn({ problem: { host }, best, aim, emptiest }: BlockQuestion): KeptFree | null {
  if (emptiest === null) return null;
  const sizes = new Map<NumaNodeId, number>();
  for (const { node, cores } of host.groups) sizes.set(node, (sizes.get(node) ?? 0) + cores.length);
  const cores = Math.max(...sizes.values()) - (best.values[AIMS.indexOf(aim)] ?? 0) + 1;
  const threads = Math.min(...host.groups.map(group => group.threads));
  return { node: emptiest, cpus: cores * threads };
}

/** Asks for something better in which every guest stands within one of the blocks. */
async function askWithin(
  { blocks }: Parting,
  question: BlockQuestion,
): Promise<{ readonly better: Settled | null; readonly least: number }> {
  const { problem, best, aim, othersCost, solve } = question;
  const rank = AIMS.indexOf(aim);
  const value = best.values[rank] ?? 0;
  const most = best.values.slice(0, rank + 1).with(rank, value - 1);
  const kinds = makeNodeKinds(problem, {
    isHopelessFor: guest => cost => compareValues(most, addCost(othersCost(guest), cost)) < 0,
    tellsLean: rank > 0,
    nodeSets: problem.host.nodeSets.filter(nodes => blocks.some(block => nodes.every(node => block.includes(node)))),
  });
  if (kinds === null) return { better: null, least: 0 };
  if (kinds.some(({ ways }) => ways.length === 0)) return { better: null, least: value };
  const made = makeNodeModel(problem, kinds, { most, keptFree: keptFreeIn(question) });
  const solution = await solve(made.model, LIMITS);
  if (solution.kind === 'infeasible') return { better: null, least: value };
  const better = solution.values && readNodeWays(problem, made, solution.values);
  const isBetter = better && compareValues(better.values, best.values) < 0;
  return { better: isBetter ? better : null, least: aim === 'nodeFragmentation' ? 0 : lowest(solution) };
}
