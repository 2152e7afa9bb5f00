// JSON of the facts of findings about isolated CPUs.
import * as z from 'zod/mini';
import type { IsolationFacts } from '#domain/doctor/isolation-facts.ts';
import type { FactsJson } from './facts-json.ts';

export const isolationFactsJson = {
  'cpu0-isolated': { parameters: z.array(z.enum(['isolcpus', 'nohz_full'])) },
} satisfies FactsJson<IsolationFacts>;
