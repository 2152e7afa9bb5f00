// Puts a linear model together, variable by variable and row by row.
import type { LinearModel, LinearRow } from './linear-model.ts';

export type Term = readonly [variable: number, coefficient: number];

export interface ModelMaker {
  /** A new variable from 0 to `most`, a whole number. */
  readonly variable: (most: number) => number;
  /** A new variable of 0 or more that need not be whole. */
  readonly amount: () => number;
  /** Terms of the same variable are added up. */
  readonly row: (least: number, most: number, terms: readonly Term[]) => void;
  readonly minimize: (terms: readonly Term[]) => void;
  readonly done: () => LinearModel;
}

export function makeModelMaker(): ModelMaker {
  const most: number[] = [];
  const amounts = new Set<number>();
  const rows: LinearRow[] = [];
  let objective: ReadonlyMap<number, number> = new Map();
  return {
    variable: limit => most.push(limit) - 1,
    amount: () => {
      const variable = most.push(Number.POSITIVE_INFINITY) - 1;
      amounts.add(variable);
      return variable;
    },
    row: (least, limit, terms) => void rows.push({ least, most: limit, terms: sumTerms(terms) }),
    minimize: terms => {
      objective = sumTerms(terms);
    },
    done: () => ({ most, amounts, rows, cost: most.map((_, variable) => objective.get(variable) ?? 0) }),
  };
}

function sumTerms(terms: readonly Term[]): ReadonlyMap<number, number> {
  const sums = new Map<number, number>();
  for (const [variable, coefficient] of terms) sums.set(variable, (sums.get(variable) ?? 0) + coefficient);
  return new Map([...sums].filter(([, coefficient]) => coefficient !== 0));
}
