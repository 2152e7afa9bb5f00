// Whether an arrangement can be better in one aim, as a linear model: how often each column is taken, and how the bins are filled.
import type { NumaNodeId } from '#domain/ids.ts';
import { AIMS, type AimName } from '#domain/plan.ts';
import type { Problem } from './arrangement.ts';
import type { Bins } from './bins.ts';
import type { Column } from './columns.ts';
import type { Demand } from './demand.ts';
import type { GuestKind } from './guest-kinds.ts';
import type { LinearModel } from './linear-model.ts';
import { type ModelMaker, makeModelMaker, type Term } from './model-maker.ts';
import { limitConfined, pressureTerms } from './proof-confined.ts';
import { type Filled, fillBin, type PatternVariable } from './proof-cores.ts';
import { addCrowds, type CrowdVariable } from './proof-crowds.ts';
import { addMemory } from './proof-memory.ts';

export interface Question {
  readonly problem: Problem;
  readonly bins: Bins;
  readonly kinds: readonly GuestKind[];
  /** By aim, the best that is known: earlier aims must not be worse, the one in question must be better. Infinite where nothing is. */
  readonly values: readonly number[];
  readonly aim: AimName;
  /** The node that stays emptiest; null as long as fragmentation does not count. */
  readonly emptiest: NumaNodeId | null;
}

export interface ProofModel {
  readonly model: LinearModel;
  /** Makes the model's value that of the aim. Null: the model only asks whether there is anything better. */
  readonly offset: number | null;
  /** By kind: the variable of its first column; those of the others follow. */
  readonly firstColumn: readonly number[];
  readonly patterns: readonly PatternVariable[];
  readonly crowds: readonly CrowdVariable[];
}

/** So many of the AIMS, from the first, add up over guests; a shape's cost has them in this order. */
const ADDITIVE = AIMS.indexOf('memoryElsewhere') + 1;

/** How often a column is taken, as a variable. */
export interface Taken {
  readonly column: Column;
  readonly demand: Demand;
  /** Of this kind. */
  readonly guests: number;
  readonly variable: number;
}

/**
 * One rule is left out: in large bins, which guests fit together into one group. So what the model proves impossible is impossible,
 * and its solutions have to be checked.
 */
export function makeProofModel(question: Question): ProofModel {
  const maker = makeModelMaker();
  const { kinds, values, bins } = question;
  const firstColumn = kinds.map(({ columns, guests }) => {
    const variables = columns.map(() => maker.variable(guests.length));
    const all = variables.map((variable): Term => [variable, 1]);
    maker.row(guests.length, guests.length, all);
    return variables[0] ?? 0;
  });
  const taken = kinds.flatMap(({ columns, demand, guests }, index) =>
    columns.map((column, at) => ({
      column,
      demand,
      guests: guests.length,
      variable: (firstColumn[index] ?? 0) + at,
    })),
  );
  addMemory(maker, question, taken);
  limitMoves(maker, question, taken);
  const crowded = new Set(taken.map(({ column }) => bins.cachesOf(column.shape.cells[0] ?? -1)));
  const filled = bins.bins.map(bin => fillBin(maker, bin, { taken, isCrowded: crowded.has(bin) }));
  const rank = AIMS.indexOf(question.aim);
  const crowds = rank < AIMS.indexOf('pressure') ? [] : addCrowds(maker, question, { taken, filled });
  limitConfined(maker, question, { taken, filled, crowds });
  for (const [at, aim] of AIMS.slice(0, rank).entries())
    limitAim(maker, question, { aim, most: values[at] ?? 0, taken, filled, crowds });
  const most = (values[rank] ?? 0) - 1;
  const { terms, offset } = limitAim(maker, question, { aim: question.aim, most, taken, filled, crowds });
  maker.minimize(terms);
  return { model: maker.done(), offset, firstColumn, patterns: filled.flatMap(({ patterns }) => patterns), crowds };
}

interface Limit {
  readonly aim: AimName;
  readonly most: number;
  readonly taken: readonly Taken[];
  readonly filled: readonly Filled[];
  readonly crowds: readonly CrowdVariable[];
}

/** Holds an aim to a value, and returns what it is made of: `offset` plus `terms`; `offset` is null where that is not known. */
function limitAim(
  maker: ModelMaker,
  question: Question,
  { aim, most, taken, filled, crowds }: Limit,
): { readonly terms: readonly Term[]; readonly offset: number | null } {
  const hold = (terms: readonly Term[], offset: number) => {
    maker.row(0, most - offset, terms);
    return { terms, offset };
  };
  const { problem, emptiest } = question;
  const at = AIMS.indexOf(aim);
  const sum = (cost: (column: Column) => number) => taken.map(({ column, variable }): Term => [variable, cost(column)]);
  if (at < ADDITIVE)
    return hold(
      sum(({ cost }) => cost[at] ?? 0),
      0,
    );
  if (aim === 'moves')
    return hold(
      sum(({ leaving }) => leaving),
      0,
    );
  if (aim === 'sharedCores')
    return hold(
      filled.flatMap(({ shared }) => shared),
      0,
    );
  if (aim === 'pressure') return hold(pressureTerms(maker, question, { taken, filled, crowds }), 0);
  const { groups } = problem.host;
  if (aim === 'nodeFragmentation' && emptiest !== null) {
    const sizes = new Map<NumaNodeId, number>();
    for (const { node, cores } of groups) sizes.set(node, (sizes.get(node) ?? 0) + cores.length);
    const inNode = filled.filter(({ bin }) => bin.groups.every(({ node }) => node === emptiest));
    return hold(
      inNode.flatMap(({ inUse }) => inUse),
      Math.max(...sizes.values()) - (sizes.get(emptiest) ?? 0),
    );
  }
  if (aim === 'llcFragmentation') {
    const sizes = problem.host.groupsOfCell.map(ofCell => ofCell.reduce((all, { cores }) => all + cores.length, 0));
    const needed = Math.max(...sizes) - most;
    const { groupsOfCell } = problem.host;
    const free = () => filled.flatMap(one => freeTerms(maker, one, { needed, groupsOfCell, filled }));
    if (needed > 0) maker.row(1, Number.POSITIVE_INFINITY, free());
  }
  return { terms: [], offset: null };
}

/** Their sum is 1 or more only when some cache of the bin has so many free cores. A cache of several groups is told with its first. */
function freeTerms(
  maker: ModelMaker,
  { bin, inUse, patterns }: Filled,
  of: {
    readonly needed: number;
    readonly groupsOfCell: Question['problem']['host']['groupsOfCell'];
    readonly filled: readonly Filled[];
  },
): readonly Term[] {
  const { needed, groupsOfCell, filled } = of;
  const [first] = bin.groups;
  const together = groupsOfCell[first?.cell ?? -1] ?? [];
  if (together.length > 1) {
    if (together[0] !== first) return [];
    const cores = together.reduce((sum, group) => sum + group.cores.length, 0);
    const others = filled.filter(({ bin: { groups } }) => groups.some(group => together.includes(group)));
    return isFreeTerm(
      maker,
      cores,
      others.flatMap(other => other.inUse),
      needed,
    );
  }
  if (patterns.length === 0)
    return bin.cores < needed ? [] : isFreeTerm(maker, bin.cores * bin.groups.length, inUse, needed);
  return patterns.flatMap(({ pattern, variable }): Term[] =>
    bin.cores - pattern.inUse >= needed ? [[variable, 1]] : [],
  );
}

function isFreeTerm(maker: ModelMaker, cores: number, inUse: readonly Term[], needed: number): readonly Term[] {
  if (cores < needed) return [];
  const isFree = maker.variable(1);
  maker.row(Number.NEGATIVE_INFINITY, cores, [...inUse, [isFree, needed]]);
  return [[isFree, 1]];
}

function limitMoves(maker: ModelMaker, { problem: { mostMoves } }: Question, taken: readonly Taken[]): void {
  if (mostMoves === null) return;
  maker.row(
    0,
    mostMoves,
    taken.map(({ column, variable }): Term => [variable, column.isMoved ? 1 : 0]),
  );
}
