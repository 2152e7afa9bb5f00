// How core groups are filled, in the proof model: by patterns of pieces, or where these are too many, as one large group.
import type { Bin } from './bins.ts';
import type { Taking } from './capacity.ts';
import type { Piece } from './columns.ts';
import type { Demand } from './demand.ts';
import type { ModelMaker, Term } from './model-maker.ts';
import { makePatterns, type Pattern, type PatternPiece } from './patterns.ts';
import type { Taken } from './proof-model.ts';

/** How often a pattern fills a group of a bin. */
export interface PatternVariable {
  readonly bin: Bin;
  readonly pieces: readonly string[];
  readonly pattern: Pattern;
  readonly variable: number;
}

/** A bin with what happens in it, as sums of variables. */
export interface Filled {
  readonly bin: Bin;
  readonly inUse: readonly Term[];
  readonly shared: readonly Term[];
  readonly patterns: readonly PatternVariable[];
}

/** With more patterns a bin is modelled as one large group. */
const MOST_PATTERNS = 1500;

export const pieceKey = ({ whole, odd }: Taking): string => `${whole}/${odd}`;

export function fillBin(
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
