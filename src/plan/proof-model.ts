// Whether an arrangement can be better in one aim, as a linear model: how often each column is taken, and how the bins are filled.
import type { NumaNodeId } from '#domain/ids.ts';
import { AIMS, type AimName } from '#domain/plan.ts';
import type { Problem } from './arrangement.ts';
import type { Bin, Bins } from './bins.ts';
import type { Column, Piece } from './columns.ts';
import type { Demand } from './demand.ts';
import type { GuestKind } from './guest-kinds.ts';
import type { LinearModel } from './linear-model.ts';
import { type ModelMaker, makeModelMaker, type Term } from './model-maker.ts';
import { makePatterns, type Pattern, type PatternPiece } from './patterns.ts';
import { limitConfined, pressureTerms } from './proof-confined.ts';
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

/** How often a pattern fills a group of a bin. */
export interface PatternVariable {
  readonly bin: Bin;
  readonly pieces: readonly string[];
  readonly pattern: Pattern;
  readonly variable: number;
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
/** With more patterns a bin is modelled as one large group. */
const MOST_PATTERNS = 1500;

/** How often a column is taken, as a variable. */
export interface Taken {
  readonly column: Column;
  readonly demand: Demand;
  /** Of this kind. */
  readonly guests: number;
  readonly variable: number;
}

/** A bin with what happens in it, as sums of variables. */
export interface Filled {
  readonly bin: Bin;
  readonly inUse: readonly Term[];
  readonly shared: readonly Term[];
  readonly patterns: readonly PatternVariable[];
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

export const pieceKey = ({ whole, odd }: Pick<Piece, 'whole' | 'odd'>): string => `${whole}/${odd}`;

function fillBin(
  maker: ModelMaker,
  bin: Bin,
  { taken, isCrowded }: { readonly taken: readonly Taken[]; readonly isCrowded: boolean },
): Filled {
  const pieces = taken.flatMap(({ column, variable }) =>
    column.pieces.flatMap(piece => (piece.bin === bin ? [{ piece, variable }] : [])),
  );
  const kinds = piecesOf(bin, taken);
  const [group] = bin.groups;
  const patterns =
    (bin.groups.length > 1 || isCrowded) && group ? makePatterns([...kinds.values()], group, MOST_PATTERNS) : null;
  if (patterns === null) return { bin, patterns: [], ...fillAsOne(maker, bin, pieces) };
  const names = [...kinds.keys()];
  const variables = patterns.map(
    (pattern): PatternVariable => ({
      bin,
      pieces: names,
      pattern,
      variable: maker.variable(bin.groups.length),
    }),
  );
  maker.row(
    bin.groups.length,
    bin.groups.length,
    variables.map(({ variable }): Term => [variable, 1]),
  );
  for (const [at, name] of names.entries()) {
    const offered = variables.map(({ pattern, variable }): Term => [variable, pattern.counts[at] ?? 0]);
    const asked = pieces.flatMap(({ piece, variable }): Term[] => (pieceKey(piece) === name ? [[variable, -1]] : []));
    maker.row(0, 0, [...offered, ...asked]);
  }
  return {
    bin,
    patterns: variables,
    inUse: variables.map(({ pattern, variable }): Term => [variable, pattern.inUse]),
    shared: variables.map(({ pattern, variable }): Term => [variable, pattern.shared]),
  };
}

/** By key, what guests can take of a group of the bin. */
function piecesOf(bin: Bin, taken: readonly Taken[]): ReadonlyMap<string, PatternPiece> {
  const ofKinds = new Map<string, Map<Demand, number>>();
  const pieces = new Map<string, PatternPiece>();
  for (const { column, demand, guests } of taken) {
    const ofColumn = new Map<string, number>();
    for (const piece of column.pieces) {
      if (piece.bin !== bin) continue;
      const key = pieceKey(piece);
      ofColumn.set(key, (ofColumn.get(key) ?? 0) + 1);
      const ofKind = ofKinds.get(key) ?? new Map<Demand, number>();
      ofKind.set(demand, Math.max(ofKind.get(demand) ?? 0, guests * (ofColumn.get(key) ?? 0)));
      ofKinds.set(key, ofKind);
      const most = [...ofKind.values()].reduce((sum, count) => sum + count, 0);
      pieces.set(key, { whole: piece.whole, odd: piece.odd, most });
    }
  }
  return pieces;
}

/**
 * Whole cores and shared ones are at most as many as there are. Guests that share have their odd threads on shared cores, and none of
 * their own for them; on cores of two threads these are always two guests for each, and need no variable of their own.
 */
function fillAsOne(
  maker: ModelMaker,
  { groups, cores, threads }: Bin,
  pieces: ReadonlyArray<{ readonly piece: Piece; readonly variable: number }>,
): Pick<Filled, 'inUse' | 'shared'> {
  const all = cores * groups.length;
  const apart = pieces.map(({ piece, variable }): Term => [variable, piece.whole + Math.min(1, piece.odd)]);
  const sizes = [...new Set(pieces.map(({ piece }) => piece.odd))].filter(odd => odd > 0);
  if (sizes.length === 0) {
    maker.row(0, all, apart);
    return { inUse: apart, shared: [] };
  }
  const shared = maker.variable(all);
  const sharers = sizes.map((): Term => (threads === 2 ? [shared, 2] : [maker.variable(all * threads), 1]));
  const without = sharers.map(([variable, guests]): Term => [variable, -guests]);
  const inUse = [...apart, [shared, 1] as const, ...without];
  maker.row(Number.NEGATIVE_INFINITY, all, inUse);
  for (const [at, odd] of sizes.entries()) {
    const guests = pieces.flatMap(({ piece, variable }): Term[] => (piece.odd === odd ? [[variable, 1]] : []));
    maker.row(0, Number.POSITIVE_INFINITY, [...guests, ...without.slice(at, at + 1)]);
  }
  if (threads > 2) {
    const taken = sharers.map(([variable], at): Term => [variable, -(sizes[at] ?? 0)]);
    maker.row(0, Number.POSITIVE_INFINITY, [[shared, threads], ...taken]);
  }
  return { inUse, shared: [[shared, 1]] };
}
