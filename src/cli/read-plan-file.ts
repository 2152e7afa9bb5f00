// Reads a plan that was kept with `berth plan --out`.
import { planFileJson } from '#contract/plan.ts';
import { parseJson } from '#contract/read-json.ts';
import type { Plan } from '#domain/plan.ts';
import { HostError } from '#host/host-error.ts';
import { readInputFile } from './named-file.ts';

/** @throws HostError when it cannot be read, ParseError when it is no plan, or one for another kind of host. */
export function readPlanFile(file: string, simulated: boolean): Plan {
  const { schema: _schema, ...plan } = parseJson(planFileJson, readInputFile(file), file);
  if (plan.simulated !== simulated) {
    const made = plan.simulated ? 'a captured host' : 'the live host';
    throw new HostError('refused', `The plan in ${file} was made for ${made}; see --root`);
  }
  return plan;
}
