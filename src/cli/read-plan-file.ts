// Reads a plan that was kept with `berth plan --out`.
import { readFileSync } from 'node:fs';
import { planFileJson } from '#contract/plan.ts';
import { parseJson } from '#contract/read-json.ts';
import type { Plan } from '#domain/plan.ts';
import { HostError } from '#host/host-error.ts';

/** @throws HostError when it cannot be read, ParseError when it is no plan, or one for another kind of host. */
export function readPlanFile(file: string, simulated: boolean): Plan {
  let text: string;
  try {
    text = readFileSync(file, 'latin1');
  } catch (error) {
    throw new HostError('failed', `Cannot read plan ${file}: ${(error as Error).message}`, { cause: error });
  }
  const { schema: _schema, ...plan } = parseJson(planFileJson, text, file);
  if (plan.simulated !== simulated) {
    const made = plan.simulated ? 'a captured host' : 'the live host';
    throw new HostError('refused', `The plan in ${file} was made for ${made}; see --root`);
  }
  return plan;
}
