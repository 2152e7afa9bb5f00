// Proves an arrangement aim by aim, or finds a better one: what bounds do not settle, a solver of linear models is asked.
import { invariant } from '#domain/errors.ts';
import type { NumaNodeId } from '#domain/ids.ts';
import { AIMS, type AimName } from '#domain/plan.ts';
import { addCost, compareValues, NOTHING } from './aim-values.ts';
import { type Arrangement, makeArrangement, type Problem, type Settled } from './arrangement.ts';
import { makeBins, type Zoning } from './bins.ts';
import { type GuestKind, MOST_COLUMNS, makeKinds } from './guest-kinds.ts';
import { knowsNodes, nodeLikeness } from './like-nodes.ts';
import { lowest, NOT_SOLVED, type Solve, type SolveLimits } from './linear-model.ts';
import { leastLlcFragmentation, leastValues, lowerBounds } from './lower-bounds.ts';
import { makeProofModel, type Question } from './proof-model.ts';
import { askByBlocks, BLOCK_AIMS } from './prove-blocks.ts';
import { type Answer, askForNodes, type Known, NODE_AIMS } from './prove-nodes.ts';
import { type AskAlone, askByQuarters, type QuarterQuestion, startQuarters } from './prove-quarters.ts';
import { readArrangement } from './read-arrangement.ts';
import type { AdditiveCost, IsHopeless } from './shapes.ts';

/** What the solver may spend on one question. */
export const LIMITS: SolveLimits = { nodes: 1000, iterations: 20_000 };
/** And once an earlier aim has stayed open, with so many questions in all. */
const LATER_LIMITS: SolveLimits = { nodes: 200, iterations: 4000 };
const LATER_QUESTIONS = 20;
/** An iteration takes the longer, the more columns there are. */
const MOST_ITERATED_COLUMNS = 60_000_000;

export interface Scope {
  /** The first aim that is not proved yet, and the last that counts. */
  readonly from: number;
  readonly to: number;
  /** Null: nothing is asked quarter by quarter. */
  readonly askAloneWith: ((solve: Solve) => AskAlone) | null;
}

/**
 * 1. An aim at its lower bound is proved for free.
 * 2. Else the solver is asked for something better in this aim and no worse in earlier ones, first with equal nodes taken
 *    together, which is a smaller question with more room: no there is no everywhere.
 * 3. What it finds is checked, and if it is better it is proved in turn.
 * 4. What is open then is asked quarter by quarter.
 * 5. Where an aim stays open, later ones are still made better, with less work: the plan is not proved, but it is better.
 */
export async function proveAims(
  problem: Problem,
  start: Settled,
  interruptible: Solve,
  scope: Scope,
): Promise<Arrangement> {
  const bounds = lowerBounds(problem);
  invariant(bounds !== null, 'an arrangement exists, so every guest fits alone');
  const leasts = leastValues(problem, bounds);
  let best = start;
  let open: { readonly at: number; readonly aim: AimName; readonly least: number } | null = null;
  let left = LATER_QUESTIONS;
  let isInterrupted = false;
  const solve: Solve = async (model, limits) => {
    if (isInterrupted) return NOT_SOLVED;
    const solution = await interruptible(model, limits);
    // One question that was given up says that nobody waits for the others.
    isInterrupted ||= solution === NOT_SOLVED;
    return solution;
  };
  const isOver = () => isInterrupted;
  const { from, to, askAloneWith } = scope;
  const quarters = askAloneWith && { askAlone: askAloneWith(solve), quarters: startQuarters(problem) };
  const solveLater: Solve = async (model, limits) => {
    return --left < 0 ? NOT_SOLVED : solve(model, limits);
  };
  for (const [at, aim] of AIMS.entries()) {
    if (at < from || at > to) continue;
    let known: Known = { least: Math.max(leasts[at] ?? 0, leastBeside(aim, best, problem)), nodesAsked: -1 };
    const value = () => best.values[at] ?? 0;
    while (value() > known.least && left > 0 && !isOver()) {
      const asking =
        open === null ? { limits: LIMITS, solve, isOver } : { limits: LATER_LIMITS, solve: solveLater, isOver };
      const answer = await askForBetter({ problem, best, bounds, aim, known, quarters, ...asking });
      known = answer.known;
      if (answer.better === null) break;
      best = answer.better;
    }
    if (value() > known.least) open ??= { at, aim, least: known.least };
  }
  if (open === null) return makeArrangement(best, { kind: 'optimal' });
  const distance = (best.values[open.at] ?? 0) - open.least;
  // What was found for a later aim has closed an earlier one.
  if (distance <= 0) return proveAims(problem, best, interruptible, scope);
  return makeArrangement(best, { kind: 'unproved', firstUnproved: open.aim, distance });
}

/** What an aim cannot be less than beside the values of earlier ones. A guest has a cache on each of its nodes. */
function leastBeside(aim: AimName, { values }: Settled, { host }: Problem): number {
  if (aim === 'llcs') return values[AIMS.indexOf('nodes')] ?? 0;
  return aim === 'llcFragmentation' ? leastLlcFragmentation(host, values[AIMS.indexOf('nodeFragmentation')] ?? 0) : 0;
}

interface Asking {
  readonly problem: Problem;
  readonly best: Settled;
  readonly bounds: readonly AdditiveCost[];
  readonly aim: AimName;
  readonly known: Known;
  readonly limits: SolveLimits;
  readonly solve: Solve;
  readonly quarters: Pick<QuarterQuestion, 'askAlone' | 'quarters'> | null;
  /** Whether the proof was interrupted: models take long to make, too. */
  readonly isOver: () => boolean;
}

async function askForBetter(asking: Asking): Promise<Answer> {
  const { problem, best, aim, limits } = asking;
  // Equal nodes are taken together for a proof alone, which there is none of once an aim has stayed open.
  const views = limits === LIMITS ? viewsFor(problem, aim) : LATER_VIEWS;
  const value = best.values[AIMS.indexOf(aim)] ?? 0;
  let { least: shown, nodesAsked } = asking.known;
  const quarters = limits === LIMITS && AIMS.indexOf(aim) >= NODE_AIMS ? asking.quarters : null;
  // Where an earlier aim could not be proved without them, later ones hardly can.
  const isFirst = quarters !== null && quarters.quarters.inForm.size > 0;
  if (isFirst) {
    const found = await askByQuarters({ ...asking, ...quarters });
    if (found.better !== null || found.known.least >= value || asking.isOver()) return found;
    shown = found.known.least;
  }
  let bound = value;
  for (const emptiest of emptiestNodes(problem, best, aim)) {
    let least = shown;
    for (const view of views) {
      const { better, known } = await ask({ ...asking, known: { least, nodesAsked } }, { emptiest, ...view });
      // What one emptiest node has shown says nothing of others.
      const isShown = emptiest === null;
      if (better !== null) return { better, known: { ...known, least: isShown ? known.least : shown } };
      ({ least, nodesAsked } = known);
      if (asking.isOver()) return { better: null, known: { ...known, least: isShown ? least : shown } };
      if (least >= value) break;
    }
    bound = Math.min(bound, least);
  }
  const known = { least: bound, nodesAsked };
  if (quarters === null || isFirst || bound >= value) return { better: null, known };
  return askByQuarters({ ...asking, ...quarters, known });
}

/** Crowds are asked for last, where all else has left `pressure` open: so many times as much work. */
const CROWDED = 4;

/** How a question sees the host. */
interface View {
  readonly zoning: Zoning;
  /** Whether crowds of confined guests are told apart: a far larger question. */
  readonly countsCrowds: boolean;
}

const PLAIN_VIEWS: readonly View[] = [
  { zoning: 'like', countsCrowds: false },
  { zoning: 'each', countsCrowds: false },
];

const LATER_VIEWS: readonly View[] = [{ zoning: 'each', countsCrowds: false }];

/** Who is confined to a cache, and what is free in one, only a model knows that tells crowds or caches apart. */
function viewsFor({ demands }: Problem, aim: AimName): readonly View[] {
  const asksForCaches = demands.some(demand => demand.class === 'confined' && demand.span === 'llc');
  const rank = AIMS.indexOf(aim);
  if (!asksForCaches || rank < AIMS.indexOf('sharedCores')) return PLAIN_VIEWS;
  const crowds =
    rank < AIMS.indexOf('pressure') ? [] : PLAIN_VIEWS.map(({ zoning }) => ({ zoning, countsCrowds: true }));
  return [...PLAIN_VIEWS, ...crowds, { zoning: 'groups', countsCrowds: false }];
}

/**
 * From the first aim of fragmentation on, one of the nodes is the emptiest, and each is tried. Of nodes with equal caches and equal
 * memory one is enough, as long as no guest can tell them apart.
 */
function emptiestNodes(problem: Problem, { values }: Settled, aim: AimName): ReadonlyArray<NumaNodeId | null> {
  const { demands, host } = problem;
  if (AIMS.indexOf(aim) < AIMS.indexOf('nodeFragmentation')) return [null];
  const nodes = [...new Set(host.groups.map(({ node }) => node))];
  const spans = values[AIMS.indexOf('nodes')] !== demands.length || values[AIMS.indexOf('distance')] !== 0;
  if (spans || demands.some(knowsNodes)) return nodes;
  return [...new Map(nodes.toReversed().map(node => [nodeLikeness(problem, node), node])).values()];
}

/** Columns in all beyond which sets of nodes are asked for first, and beyond which columns are not asked for when that has failed. */
const MANY_COLUMNS = { first: 2000, last: 6000 };

async function ask(
  { problem, best, bounds, aim, known, limits, solve }: Asking,
  { emptiest, zoning, countsCrowds }: View & { readonly emptiest: NumaNodeId | null },
): Promise<Answer> {
  // Who moves can be told only where groups that hold guests are kept apart.
  const isHeld = aim === 'moves' || problem.mostMoves !== null;
  const bins = makeBins(problem.host, { zoning, apart: emptiest, isHeld, countsCrowds });
  const othersCost = (guest: number) =>
    subtract(bounds[0] ?? NOTHING, subtract(bounds[guest] ?? NOTHING, bounds[guest + 1] ?? NOTHING));
  const isHopelessFor = (guest: number): IsHopeless => {
    const others = othersCost(guest);
    return cost => compareValues(addCost(others, cost), best.values) > 0;
  };
  const mostColumns = limits === LIMITS ? MOST_COLUMNS : MANY_COLUMNS.first;
  const kinds = makeKinds(problem, { bins, isHopelessFor, mostColumns });
  const columns = kinds === null ? Number.POSITIVE_INFINITY : countColumns(kinds);
  let found: Answer = { better: null, known };
  if (limits === LIMITS && zoning === 'each' && BLOCK_AIMS.has(aim)) {
    found = await askByBlocks({ problem, best, aim, known, emptiest, othersCost, bounds, solve });
    if (found.better !== null || found.known.least >= (best.values[AIMS.indexOf(aim)] ?? 0)) return found;
  }
  if (limits === LIMITS && zoning === 'each' && AIMS.indexOf(aim) < NODE_AIMS && columns > MANY_COLUMNS.first) {
    found = await askForNodes({ problem, best, aim, known: found.known, othersCost, solve });
    const isProved = found.known.least >= (best.values[AIMS.indexOf(aim)] ?? 0);
    if (found.better !== null || isProved || columns > MANY_COLUMNS.last) return found;
  }
  if (kinds === null) return found;
  const question: Question = { problem, bins, kinds, values: best.values, aim, emptiest };
  const made = makeProofModel(question);
  const more = countsCrowds ? CROWDED : 1;
  const iterations = Math.min(more * limits.iterations, Math.floor(MOST_ITERATED_COLUMNS / made.model.most.length));
  const solution = await solve(made.model, { nodes: more * limits.nodes, iterations });
  const answer = (least: number, better: Settled | null = null): Answer => ({
    better,
    known: { ...found.known, least: Math.max(found.known.least, least) },
  });
  if (solution.kind === 'infeasible') return answer(best.values[AIMS.indexOf(aim)] ?? 0);
  const least = made.offset === null ? 0 : made.offset + lowest(solution);
  const better = solution.values && zoning !== 'like' ? readArrangement(question, made, solution.values) : null;
  return answer(least, better && compareValues(better.values, best.values) < 0 ? better : null);
}

const countColumns = (kinds: readonly GuestKind[]): number =>
  kinds.reduce((sum, { columns }) => sum + columns.length, 0);

function subtract(a: AdditiveCost, b: AdditiveCost): AdditiveCost {
  return addCost(a, b.map(value => -value) as unknown as AdditiveCost);
}
