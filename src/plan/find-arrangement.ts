// Where the quick search has found no arrangement: a solver of linear models is asked for one, or for a proof that there is none.
import { AIMS } from '#domain/plan.ts';
import { NOTHING } from './aim-values.ts';
import type { Problem, Settled } from './arrangement.ts';
import { makeBins, type Zoning } from './bins.ts';
import { type GuestKind, MOST_COLUMNS, makeKinds } from './guest-kinds.ts';
import { NOT_SOLVED, type Solve } from './linear-model.ts';
import { lowerBounds } from './lower-bounds.ts';
import { makeNodeKinds } from './node-kinds.ts';
import { makeNodeModel } from './node-model.ts';
import { makeProofModel, type Question } from './proof-model.ts';
import { LIMITS } from './prove.ts';
import { askByBlocks } from './prove-blocks.ts';
import { readArrangement } from './read-arrangement.ts';
import { readNodeWays } from './read-node-ways.ts';
import type { AdditiveCost, IsHopeless } from './shapes.ts';

/** Nodes and caches beyond those that a guest needs when it is alone; the last looks at every way to stand. */
const SLACKS = [
  { nodes: 0, llcs: 1 },
  { nodes: 1, llcs: 2 },
  { nodes: Number.POSITIVE_INFINITY, llcs: Number.POSITIVE_INFINITY },
] as const;

const NOTHING_KNOWN = AIMS.map(() => Number.POSITIVE_INFINITY);

/** `none`: proved. `unknown`: the limits of work or of the model came first. */
export type Found = Settled | 'none' | 'unknown';

/**
 * 1. By blocks of nodes.
 * 2. Else guests may use hardly more nodes and caches than they need alone, then more, then any: the first questions are small.
 * 3. Each is first asked with equal nodes taken together: if nothing fits then, nothing fits; then by sets of nodes.
 * 4. What the solver finds has to fit by every rule; one that does not proves nothing.
 */
export async function findArrangement(problem: Problem, interruptible: Solve): Promise<Found> {
  const solve: Solve = async (model, limits) => {
    const solution = await interruptible(model, limits);
    if (solution === NOT_SOLVED) throw new GivenUp();
    return solution;
  };
  try {
    return await find(problem, solve);
  } catch (error) {
    if (error instanceof GivenUp) return 'unknown';
    throw error;
  }
}

/** Nobody waits for the answer: the models of all other questions need not be made. */
class GivenUp extends Error {}

async function find(problem: Problem, solve: Solve): Promise<Found> {
  const bounds = lowerBounds(problem);
  if (bounds === null) return 'none';
  const inBlocks = await askForBlocks(problem, bounds, solve);
  if (inBlocks !== 'unknown') return inBlocks;
  for (const slack of SLACKS) {
    const isHopelessFor = (guest: number): IsHopeless => {
      const alone = (aim: 0 | 3) => (bounds[guest]?.[aim] ?? 0) - (bounds[guest + 1]?.[aim] ?? 0);
      return ([nodes, , , llcs]: AdditiveCost) => nodes > alone(0) + slack.nodes || llcs > alone(3) + slack.llcs;
    };
    const isAll = slack.nodes === Number.POSITIVE_INFINITY;
    for (const zoning of ['like', 'nodes', 'each', 'groups'] as const) {
      const found =
        zoning === 'nodes'
          ? await askForNodes(problem, isHopelessFor, solve)
          : await askFor(problem, { zoning, isHopelessFor, solve });
      if (found === 'none' && isAll) return 'none';
      if (found === 'none') break;
      if (found !== 'unknown') return found;
    }
  }
  return 'unknown';
}

/** By blocks of nodes that guests tie together: where even these are too small, there is nothing to be found. */
async function askForBlocks(problem: Problem, bounds: readonly AdditiveCost[], solve: Solve): Promise<Found> {
  const best: Settled = { shapes: [], usage: [], values: NOTHING_KNOWN };
  const known = { least: 0, nodesAsked: -1 };
  const anything = { aim: 'nodes', known, emptiest: null, othersCost: () => NOTHING } as const;
  const answer = await askByBlocks({ problem, best, bounds, solve, ...anything });
  return answer.better ?? (answer.known.least === Number.POSITIVE_INFINITY ? 'none' : 'unknown');
}

/** Only by sets of nodes, of which there are fewer. */
async function askForNodes(
  problem: Problem,
  isHopelessFor: (guest: number) => IsHopeless,
  solve: Solve,
): Promise<Found> {
  const kinds = makeNodeKinds(problem, { isHopelessFor, tellsLean: false, nodeSets: problem.host.nodeSets });
  if (kinds === null) return 'unknown';
  const made = makeNodeModel(problem, kinds, { most: [Number.POSITIVE_INFINITY], keptFree: null });
  const solution = await solve(made.model, LIMITS);
  if (solution.kind === 'infeasible') return 'none';
  return (solution.values && readNodeWays(problem, made, solution.values)) ?? 'unknown';
}

async function askFor(
  problem: Problem,
  of: { zoning: Zoning; isHopelessFor: (guest: number) => IsHopeless; solve: Solve },
): Promise<Found> {
  const bins = makeBins(problem.host, { zoning: of.zoning, apart: null, isHeld: false, countsCrowds: false });
  const kinds = makeKinds(problem, { bins, isHopelessFor: of.isHopelessFor, mostColumns: MOST_COLUMNS });
  if (kinds === null) return 'unknown';
  if (kinds.some(({ columns }: GuestKind) => columns.length === 0)) return 'none';
  const question: Question = { problem, bins, kinds, values: NOTHING_KNOWN, aim: 'nodes', emptiest: null };
  const made = makeProofModel(question);
  const solution = await of.solve(made.model, LIMITS);
  if (solution.kind === 'infeasible') return 'none';
  if (of.zoning === 'like' || solution.values === null) return 'unknown';
  return readArrangement(question, made, solution.values) ?? 'unknown';
}
