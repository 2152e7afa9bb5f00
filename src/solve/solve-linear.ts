// One linear model through HiGHS: the model in its arrays, limits on work, and what its status means.
import type { Highs, Model } from 'highs';
import type { LinearModel, Solution, SolveLimits } from '#plan/linear-model.ts';

/** The CommonJS build: the other one imports while it runs, which a bundle cannot. `require` finds the package. */
export function loadHighs(require: NodeJS.Require): Promise<Highs> {
  const load = require('highs') as (options: { locateFile: () => string }) => Promise<Highs>;
  return load({ locateFile: () => require.resolve('highs/runtime') });
}

/** Values are whole, so a gap below one leaves nothing to be found. */
const OPTIONS = { output_flag: false, random_seed: 1, mip_rel_gap: 0, mip_abs_gap: 0.99 };

export function solveLinear(highs: Highs, linear: LinearModel, limits: SolveLimits): Solution {
  if (linear.rows.some(({ least, most }) => least > most)) return { kind: 'infeasible' };
  const model = highs.createModel(modelData(highs, linear));
  try {
    model.options.set({ ...OPTIONS, mip_max_nodes: limits.nodes });
    model.run({
      [highs.constants.callbackType.mipInterrupt]: event => {
        if (Number(event.data.mip_total_lp_iterations ?? 0) > limits.iterations) event.interrupt();
      },
    });
    return readSolution(highs, model);
  } finally {
    model.dispose();
  }
}

function modelData(highs: Highs, { most, amounts, cost, rows }: LinearModel) {
  const { integer, continuous } = highs.constants.variableType;
  const entries = rows.map(({ terms }) => [...terms].sort(([a], [b]) => a - b));
  const starts = [0];
  for (const row of entries) starts.push((starts.at(-1) ?? 0) + row.length);
  const bound = (value: number) => (Number.isFinite(value) ? value : value > 0 ? highs.infinity : -highs.infinity);
  return {
    numCols: most.length,
    numRows: rows.length,
    colCost: cost,
    colLower: most.map(() => 0),
    colUpper: most.map(bound),
    rowLower: rows.map(({ least }) => bound(least)),
    rowUpper: rows.map(row => bound(row.most)),
    integrality: most.map((_, variable) => (amounts.has(variable) ? continuous : integer)),
    matrix: {
      format: 'csr' as const,
      numRows: rows.length,
      numCols: most.length,
      starts,
      indices: entries.flatMap(row => row.map(([variable]) => variable)),
      values: entries.flatMap(row => row.map(([, coefficient]) => coefficient)),
    },
  };
}

function readSolution(highs: Highs, model: Model): Solution {
  const { modelStatus, solutionStatus } = highs.constants;
  const status = model.getModelStatus();
  if (status === modelStatus.infeasible || status === modelStatus.unboundedOrInfeasible) return { kind: 'infeasible' };
  const hasValues = model.info.get('primal_solution_status') === solutionStatus.feasible;
  const values = hasValues ? [...model.getSolution().colValue].map(Math.round) : null;
  if (status === modelStatus.optimal && values !== null) {
    return { kind: 'optimal', value: Math.round(model.getObjectiveValue()), values };
  }
  const bound = Number(model.info.get('mip_dual_bound'));
  return { kind: 'stopped', bound: Math.ceil(bound - 1e-6), values };
}
