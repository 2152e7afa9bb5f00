// Proves an aim quarter by quarter: guests that tie nodes together have these for themselves, and what they cost there is asked alone.
import type { NumaNodeId } from '#domain/ids.ts';
import { AIMS } from '#domain/plan.ts';
import { compareValues } from './aim-values.ts';
import { type Problem, type Settled, settle } from './arrangement.ts';
import { lowest, type SolveLimits } from './linear-model.ts';
import { partProblem, shapeOnWhole } from './part-host.ts';
import type { Answer, NodeQuestion } from './prove-nodes.ts';
import { type Forms, formsIn, makeRoomier } from './quarter-forms.ts';
import { makeQuarterModel } from './quarter-model.ts';
import { largestNode, makeQuarters, QUARTER_AIMS, type Quarter, type Quarters } from './quarters.ts';
import type { AdditiveCost, Shape } from './shapes.ts';

/** What can be chosen is told by few numbers, so such questions are small. */
const LIMITS: SolveLimits = { nodes: 2000, iterations: 60_000 };
/** Choices of quarters in all; each shows what some quarters truly cost. */
const MOST_ROUNDS = 200;

/** What guests cost that have nodes for themselves: nothing is better. */
export interface Reached {
  /** By aim, as far as was asked. */
  readonly least: readonly number[];
  readonly shapes: readonly Shape[];
}

/** Without shapes it is not known how that can be reached, and nothing more will be known. `none`: they do not fit there. */
export type Alone = Reached | { readonly least: readonly number[]; readonly shapes: null } | 'none';

/** @param rank The last aim that counts. @param before What was found out for earlier ones; null: nothing. */
export type AskAlone = (part: Problem, rank: number, before: Reached | null) => Promise<Alone>;

/** What is known of quarters while one proof goes from aim to aim. */
export interface QuarterKnowledge {
  /** The problem, with memory rounded up as long as that makes nothing better. */
  roomy: Problem;
  forms: Forms;
  /** Of quarters in the roomy problem, by form. */
  readonly inForm: Map<string, Alone>;
  /** Of quarters in the problem itself, by guests and block. */
  readonly inBlock: Map<string, Alone>;
  /** Aims in which nothing is better even in the roomy problem. */
  readonly tight: Set<number>;
}

export function startQuarters(problem: Problem): QuarterKnowledge {
  const roomy = makeRoomier(problem);
  return { roomy, forms: formsIn(roomy), inForm: new Map(), inBlock: new Map(), tight: new Set() };
}

export interface QuarterQuestion extends Omit<NodeQuestion, 'othersCost'> {
  /** What demands i, i+1, … cost at least, each alone. */
  readonly bounds: readonly AdditiveCost[];
  readonly quarters: QuarterKnowledge;
  readonly askAlone: AskAlone;
}

/**
 * 1. With equal nodes taken together, and memory rounded up: which quarters could make up something better, going by what they cost at
 *    least? Those are asked what they truly cost, until nothing better can be made up, or until all of a choice are known.
 * 2. Then with each node told apart: first from mirror images of those that were chosen, then from all.
 *
 * What is asked of quarters is their best by all aims together. So earlier aims must be the best that there is, also with more memory.
 */
export async function askByQuarters(question: QuarterQuestion): Promise<Answer> {
  const { problem, best, aim, known, quarters } = question;
  const rank = AIMS.indexOf(aim);
  if (rank >= QUARTER_AIMS) return { better: null, known };
  if (!(await isTightBefore(rank, question))) {
    quarters.roomy = problem;
    quarters.forms = formsIn(problem);
    quarters.inForm.clear();
  }
  const search = startSearch(question, rank);
  if (search === null) return { better: null, known };
  const { all } = search;
  const like = await choose(search, onePerForm(all, quarters.forms), 'like');
  if (like.kind === 'never') {
    quarters.tight.add(rank);
    return { better: null, known: { ...known, least: best.values[rank] ?? 0 } };
  }
  const least = Math.max(known.least, like.least);
  const bounded: Answer = { better: null, known: { ...known, least } };
  if (like.kind === 'unknown') return bounded;
  const forms = new Set(like.chosen.map(quarters.forms.formOf));
  const images = all.filter(quarter => forms.has(quarters.forms.formOf(quarter)));
  const near = await choose(search, images, 'each');
  const isBest = near.kind === 'chosen' && near.least <= least;
  const each = isBest ? near : await choose(search, all, 'each');
  if (each.kind === 'never') return { better: null, known: { ...known, least: best.values[rank] ?? 0 } };
  if (each.kind === 'unknown') return bounded;
  const better = putTogether(each.chosen, search);
  return {
    better: better !== null && compareValues(better.values, best.values) < 0 ? better : null,
    known: { ...known, least: Math.max(least, each.least) },
  };
}

/** Whether more memory makes nothing better in earlier aims: else what it shows of later ones says nothing. */
async function isTightBefore(rank: number, question: QuarterQuestion): Promise<boolean> {
  const { best, problem, quarters } = question;
  for (let at = 0; at < rank && quarters.roomy !== problem; at++) {
    if (quarters.tight.has(at) || best.values[at] === 0) continue;
    const search = startSearch(question, at);
    if (search === null) return false;
    const { kind } = await choose(search, onePerForm(search.all, quarters.forms), 'like');
    if (kind !== 'never') return false;
    quarters.tight.add(at);
  }
  return true;
}

const onePerForm = (all: readonly Quarter[], { formOf }: Forms): readonly Quarter[] => [
  ...new Map(all.map(quarter => [formOf(quarter), quarter])).values(),
];

interface Search {
  readonly question: QuarterQuestion;
  /** The aim that is to be better. */
  readonly rank: number;
  readonly most: readonly number[];
  readonly kinds: Quarters['kinds'];
  readonly all: readonly Quarter[];
  roundsLeft: number;
}

function startSearch(question: QuarterQuestion, rank: number): Search | null {
  const { problem, best, bounds } = question;
  const most = best.values.slice(0, rank + 1).with(rank, (best.values[rank] ?? 0) - 1);
  const made = makeQuarters(problem, { bounds, most });
  return made && { question, rank, most, kinds: made.kinds, all: made.quarters, roundsLeft: MOST_ROUNDS };
}

type Choice =
  | { readonly kind: 'never' }
  /** Nothing is below `least`. */
  | { readonly kind: 'unknown'; readonly least: number }
  | { readonly kind: 'chosen'; readonly least: number; readonly chosen: readonly Quarter[] };

/** Chooses among quarters, and asks what those cost that were chosen, until all of them are known. */
async function choose(search: Search, offered: readonly Quarter[], zoning: 'like' | 'each'): Promise<Choice> {
  const { question, most, kinds } = search;
  const { problem, solve, quarters } = question;
  const zoneOf = zoning === 'like' ? quarters.forms.zoneOf : (node: NumaNodeId) => `${node}`;
  let least = 0;
  while (--search.roundsLeft >= 0) {
    const open = offered.flatMap(quarter => {
      const alone = known(quarter, quarters);
      if (alone === 'none') return [];
      return [{ quarter, values: quarter.least.map((value, at) => Math.max(value, alone?.least[at] ?? 0)) }];
    });
    if (open.length === 0) return { kind: 'never' };
    const solution = await solve(makeQuarterModel(problem, { kinds, open, most, zoneOf }), LIMITS);
    if (solution.kind === 'infeasible') return { kind: 'never' };
    least = lowest(solution);
    if (solution.kind !== 'optimal') break;
    const chosen = open.flatMap(({ quarter }, at) => ((solution.values[at] ?? 0) > 0 ? [quarter] : []));
    let hasAsked = false;
    for (const quarter of chosen) hasAsked = (await askQuarter(quarter, zoning, search)) || hasAsked;
    if (!hasAsked) return { kind: 'chosen', least, chosen };
  }
  return { kind: 'unknown', least };
}

const known = (quarter: Quarter, { inBlock, inForm, forms }: QuarterKnowledge): Alone | undefined =>
  inBlock.get(keyOf(quarter)) ?? inForm.get(forms.formOf(quarter));

const isKnown = (alone: Alone | undefined, rank: number): boolean =>
  alone !== undefined && (alone === 'none' || alone.shapes === null || alone.least.length > rank);

/** Asks what a quarter costs, first in any block of its form; false when it is known already. */
async function askQuarter(quarter: Quarter, zoning: 'like' | 'each', search: Search): Promise<boolean> {
  const { rank, question } = search;
  const { problem, quarters } = question;
  const { inForm, inBlock, roomy, forms } = quarters;
  const form = forms.formOf(quarter);
  const key = keyOf(quarter);
  if (!isKnown(inBlock.get(key), rank) && !isKnown(inForm.get(form), rank)) {
    inForm.set(form, await askIn(roomy, quarter, { search, before: inForm.get(form) }));
    inBlock.delete(key);
    return true;
  }
  if (zoning === 'like' || isKnown(inBlock.get(key), rank)) return false;
  inBlock.set(key, await askIn(problem, quarter, { search, before: inBlock.get(key) }));
  return true;
}

async function askIn(
  problem: Problem,
  quarter: Quarter,
  { search: { question, rank, kinds }, before }: { search: Search; before: Alone | undefined },
): Promise<Alone> {
  const guests = kinds.flatMap((ofKind, kind) => ofKind.slice(0, quarter.counts[kind]));
  const demands = guests.flatMap(guest => problem.demands[guest] ?? []);
  const part = partProblem(problem, quarter.block, demands);
  const reached = before === undefined || before === 'none' || before.shapes === null ? null : before;
  const alone = await question.askAlone(part, rank, reached);
  if (alone === 'none') return alone;
  // The part compares with its own largest node.
  const smaller = largestNode(problem.host) - largestNode(part.host);
  return { ...alone, least: alone.least.map((value, at) => (at === FRAGMENTATION ? value + smaller : value)) };
}

const FRAGMENTATION = AIMS.indexOf('nodeFragmentation');

const keyOf = ({ block, counts }: Quarter): string => `${counts.join()} in ${block.join()}`;

/** Guests of a kind are dealt out to the quarters in order. Null when it is not known how guests stand in one of these. */
function putTogether(chosen: readonly Quarter[], { question, kinds }: Search): Settled | null {
  const { problem, quarters } = question;
  const shapes: Shape[] = [];
  const left = kinds.map(guests => [...guests]);
  for (const quarter of chosen) {
    const alone = quarters.inBlock.get(keyOf(quarter));
    if (alone === undefined || alone === 'none' || alone.shapes === null) return null;
    const guests = left.flatMap((ofKind, kind) => ofKind.splice(0, quarter.counts[kind]));
    for (const [at, shape] of alone.shapes.entries()) {
      const guest = guests[at];
      if (guest !== undefined) shapes[guest] = shapeOnWhole(shape, problem.host, quarter.block);
    }
  }
  return settle(shapes, problem);
}
