// Every way to fill one core group with pieces of guests.
import { coresInUse, fits, sharedCores, type Taking, take, UNUSED, type Usage } from './capacity.ts';
import type { CoreGroup } from './core-groups.ts';

export interface Pattern {
  /** How often each piece occurs, in the order of the pieces. */
  readonly counts: readonly number[];
  readonly inUse: number;
  readonly shared: number;
}

/** What one guest takes of a group, and how often it can occur in all. */
export interface PatternPiece extends Taking {
  readonly most: number;
}

/** Null when there are more than `most`. */
export function makePatterns(
  pieces: readonly PatternPiece[],
  group: CoreGroup,
  most: number,
): readonly Pattern[] | null {
  const patterns: Pattern[] = [];
  const fill = (counts: readonly number[], used: Usage): boolean => {
    const piece = pieces[counts.length];
    if (piece === undefined) {
      patterns.push({ counts, inUse: coresInUse(group, used), shared: sharedCores(group, used) });
      return patterns.length <= most;
    }
    for (let count = 0; count <= piece.most; count++) {
      const after = take(used, piece, count);
      if (!fits(group, after)) return true;
      if (!fill([...counts, count], after)) return false;
    }
    return true;
  };
  return fill([], UNUSED) ? patterns : null;
}
