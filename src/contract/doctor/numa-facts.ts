// JSON of the facts of findings about the NUMA lines of VMs.
import * as z from 'zod/mini';
import type { NumaFacts } from '#domain/doctor/numa-facts.ts';
import type { FactsJson } from './facts-json.ts';

export const numaFactsJson = {
  'numa-line-without-numa': { keys: z.array(z.string()), binds: z.boolean(), problem: z.nullable(z.string()) },
} satisfies FactsJson<NumaFacts>;
