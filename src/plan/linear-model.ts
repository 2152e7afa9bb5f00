// Linear models, mostly of whole numbers, as a solver takes them, and what it answers.

export interface LinearRow {
  readonly least: number;
  readonly most: number;
  /** Index of a variable → its coefficient. */
  readonly terms: ReadonlyMap<number, number>;
}

/** Variables are 0 or more. */
export interface LinearModel {
  /** By variable: the most that it can be. */
  readonly most: readonly number[];
  /** Variables that need not be whole numbers; they cost nothing. */
  readonly amounts: ReadonlySet<number>;
  /** By variable: what it adds to the value that is to be as small as possible. */
  readonly cost: readonly number[];
  readonly rows: readonly LinearRow[];
}

/** Work, never time, so that the same model gives the same answer everywhere. */
export interface SolveLimits {
  /** Nodes of the search tree. */
  readonly nodes: number;
  /** Simplex iterations over all of them. */
  readonly iterations: number;
}

export type Solution =
  /** `values` by variable; nothing has a smaller value. */
  | { readonly kind: 'optimal'; readonly value: number; readonly values: readonly number[] }
  | { readonly kind: 'infeasible' }
  /** The limits ended the search: no value is below `bound`; `values` are of the best that was found, if any was. */
  | { readonly kind: 'stopped'; readonly bound: number; readonly values: readonly number[] | null };

/** A question that was given up before anything was known. */
export const NOT_SOLVED: Solution = { kind: 'stopped', bound: 0, values: null };

/** Solves one model after the other; answers `NOT_SOLVED` when it is interrupted. */
export type Solve = (model: LinearModel, limits: SolveLimits) => Promise<Solution>;

/** No value is below this. */
export const lowest = (solution: Exclude<Solution, { kind: 'infeasible' }>): number =>
  solution.kind === 'optimal' ? solution.value : Math.max(0, solution.bound);
