// Proves the aims that sets of nodes decide alone, where guests could be split over nodes in too many ways for every split to be told.
import { AIMS, type AimName } from '#domain/plan.ts';
import { addCost, compareValues } from './aim-values.ts';
import type { Problem, Settled } from './arrangement.ts';
import { lowest, type Solve, type SolveLimits } from './linear-model.ts';
import { makeNodeKinds } from './node-kinds.ts';
import { makeNodeModel } from './node-model.ts';
import { readNodeWays } from './read-node-ways.ts';
import type { AdditiveCost, IsHopeless } from './shapes.ts';

/** Such questions are few, and each decides much. */
const LIMITS: SolveLimits = { nodes: 2000, iterations: 60_000 };

/** So many of the AIMS, from the first, are the same however a guest lies on its nodes. */
export const NODE_AIMS = AIMS.indexOf('deviceDistance') + 1;

/** What earlier questions about an aim have shown. */
export interface Known {
  /** Nothing has less in it. */
  readonly least: number;
  /** Sets of nodes need not be asked again for this value or less. */
  readonly nodesAsked: number;
}

export interface Answer {
  /** Something better; null when none was found. */
  readonly better: Settled | null;
  readonly known: Known;
}

export interface NodeQuestion {
  readonly problem: Problem;
  /** The best that is known; earlier aims must not be worse. */
  readonly best: Settled;
  readonly aim: AimName;
  readonly known: Known;
  /** By guest: what the others cost at least. */
  readonly othersCost: (guest: number) => AdditiveCost;
  readonly solve: Solve;
}

/**
 * Nodes are few, so the least number is asked for first, then one more: each question leaves out the sets that only later ones need.
 * Distances are many, and are asked for at once.
 */
export async function askForNodes({ problem, best, aim, known, othersCost, solve }: NodeQuestion): Promise<Answer> {
  const rank = AIMS.indexOf(aim);
  const value = best.values[rank] ?? 0;
  let { least, nodesAsked } = known;
  let target = aim === 'nodes' ? Math.max(least, nodesAsked + 1) : value - 1;
  for (; target < value && target > nodesAsked; target++) {
    const most = [...best.values.slice(0, rank), target];
    const isHopelessFor = (guest: number): IsHopeless => {
      const others = othersCost(guest);
      return cost => compareValues(most, addCost(others, cost)) < 0;
    };
    const kinds = makeNodeKinds(problem, { isHopelessFor, tellsLean: rank > 0, nodeSets: problem.host.nodeSets });
    if (kinds === null) break;
    const made = makeNodeModel(problem, kinds, { most, keptFree: null });
    const solution = await solve(made.model, LIMITS);
    nodesAsked = target;
    least = Math.max(least, solution.kind === 'infeasible' ? target + 1 : lowest(solution));
    const better = solution.kind !== 'infeasible' && solution.values && readNodeWays(problem, made, solution.values);
    if (better && compareValues(better.values, best.values) < 0) return { better, known: { least, nodesAsked } };
  }
  return { better: null, known: { least, nodesAsked } };
}
