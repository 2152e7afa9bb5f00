// Proves an arrangement aim by aim, or finds a better one: what bounds do not settle, a solver of linear models is asked.
import { invariant } from '#domain/errors.ts';
import type { NumaNodeId } from '#domain/ids.ts';
import { AIMS, type AimName, type Proof } from '#domain/plan.ts';
import { addCost, compareValues, NOTHING } from './aim-values.ts';
import { type Arrangement, makeArrangement, type Problem, type Settled } from './arrangement.ts';
import { makeBins, nodeSignature, type Zoning } from './bins.ts';
import type { Demand } from './demand.ts';
import { makeKinds } from './guest-kinds.ts';
import type { Solution, Solve, SolveLimits } from './linear-model.ts';
import { leastValues, lowerBounds } from './lower-bounds.ts';
import { makeProofModel, type Question } from './proof-model.ts';
import { readArrangement } from './read-arrangement.ts';
import type { AdditiveCost, IsHopeless } from './shapes.ts';

/** What the solver may spend on one question. */
export const LIMITS: SolveLimits = { nodes: 1000, iterations: 20_000 };
/**
 * 1. An aim at its lower bound is proved for free.
 * 2. Else the solver is asked for something better in this aim and no worse in earlier ones, first with equal nodes taken
 *    together, which is a smaller question with more room: no there is no everywhere.
 * 3. What it finds is checked, and if it is better it is proved in turn.
 */
export async function proveArrangement(problem: Problem, start: Settled, solve: Solve): Promise<Arrangement> {
  const bounds = lowerBounds(problem);
  invariant(bounds !== null, 'an arrangement exists, so every guest fits alone');
  let best = start;
  for (let at = 0; at < AIMS.length; ) {
    const aim = AIMS[at] as AimName;
    const least = leastValues(problem, bounds)[at] ?? 0;
    const answer = best.values[at] === least ? 'proved' : await askForBetter({ problem, best, bounds, aim, solve });
    if (answer === 'proved') at++;
    else if (typeof answer === 'number')
      return makeArrangement(best, unproved(aim, (best.values[at] ?? 0) - Math.max(least, answer)));
    else best = answer;
  }
  return makeArrangement(best, { kind: 'optimal' });
}

const unproved = (firstUnproved: AimName, distance: number): Proof => ({ kind: 'unproved', firstUnproved, distance });

interface Asking {
  readonly problem: Problem;
  readonly best: Settled;
  readonly bounds: readonly AdditiveCost[];
  readonly aim: AimName;
  readonly solve: Solve;
}

/** `proved`, a better arrangement, or a value below which there is none. */
async function askForBetter(asking: Asking): Promise<'proved' | Settled | number> {
  const { problem, best, aim } = asking;
  const value = best.values[AIMS.indexOf(aim)] ?? 0;
  let bound = value;
  const zonings = zoningsFor(problem, aim);
  for (const emptiest of emptiestNodes(problem, best, aim)) {
    let least = 0;
    for (const zoning of zonings) {
      const asked = await ask(asking, emptiest, zoning);
      if (asked === 'proved') least = value;
      else if (typeof asked !== 'number') return asked;
      else least = Math.max(least, asked);
      if (least === value) break;
    }
    bound = Math.min(bound, least);
  }
  return bound === value ? 'proved' : bound;
}

/** Who is confined to a cache, and what is free in one, only a model knows that tells all caches apart. */
function zoningsFor({ demands }: Problem, aim: AimName): readonly Zoning[] {
  const asksForCaches = demands.some(demand => demand.class === 'confined' && demand.span === 'llc');
  const isFrom = AIMS.indexOf(aim) >= AIMS.indexOf('pressure');
  return asksForCaches && isFrom ? ['like', 'each', 'groups'] : ['like', 'each'];
}

/**
 * From the first aim of fragmentation on, one of the nodes is the emptiest, and each is tried. Of nodes with equal caches and equal
 * memory one is enough, as long as no guest can tell them apart.
 */
function emptiestNodes(
  { demands, host, memoryMiB }: Problem,
  { values }: Settled,
  aim: AimName,
): ReadonlyArray<NumaNodeId | null> {
  if (AIMS.indexOf(aim) < AIMS.indexOf('nodeFragmentation')) return [null];
  const nodes = [...new Set(host.groups.map(({ node }) => node))];
  const spans = values[AIMS.indexOf('nodes')] !== demands.length || values[AIMS.indexOf('distance')] !== 0;
  if (spans || demands.some(knowsNodes)) return nodes;
  const pools = (node: NumaNodeId) =>
    [...host.poolMiB].filter(([key]) => key.startsWith(`${node}/`)).map(([, mib]) => mib);
  const like = (node: NumaNodeId) => [nodeSignature(host, node), memoryMiB.get(node), ...pools(node)].join(' ');
  return [...new Map(nodes.toReversed().map(node => [like(node), node])).values()];
}

/** Whether it matters to the guest which of equal nodes it is on. */
const knowsNodes = (demand: Demand): boolean =>
  !demand.present.isEmpty ||
  demand.presentNodes.size > 0 ||
  demand.residentMiB.size > 0 ||
  demand.deviceNodes.length > 0 ||
  demand.allowedNodes !== null ||
  demand.allowedLlcs !== null ||
  demand.pageMiB > 1;

async function ask(
  { problem, best, bounds, aim, solve }: Asking,
  emptiest: NumaNodeId | null,
  zoning: Zoning,
): Promise<'proved' | Settled | number> {
  // Who moves can be told only where groups that hold guests are kept apart.
  const isHeld = aim === 'moves' || problem.mostMoves !== null;
  const bins = makeBins(problem.host, { zoning, apart: emptiest, isHeld });
  const isHopelessFor = (guest: number): IsHopeless => {
    const alone = subtract(bounds[guest] ?? NOTHING, bounds[guest + 1] ?? NOTHING);
    const others = subtract(bounds[0] ?? NOTHING, alone);
    return cost => compareValues(addCost(others, cost), best.values) > 0;
  };
  const kinds = makeKinds(problem, { bins, isHopelessFor });
  if (kinds === null) return 0;
  const question: Question = { problem, bins, kinds, values: best.values, aim, emptiest };
  const made = makeProofModel(question);
  const solution = await solve(made.model, LIMITS);
  if (solution.kind === 'infeasible') return 'proved';
  const better = solution.values && zoning !== 'like' ? readArrangement(question, made, solution.values) : null;
  if (better && compareValues(better.values, best.values) < 0) return better;
  return made.offset === null ? 0 : made.offset + lowest(solution);
}

const lowest = (solution: Exclude<Solution, { kind: 'infeasible' }>): number =>
  solution.kind === 'optimal' ? solution.value : Math.max(0, solution.bound);

function subtract(a: AdditiveCost, b: AdditiveCost): AdditiveCost {
  return addCost(a, b.map(value => -value) as unknown as AdditiveCost);
}
