// JSON of the facts of findings about memory.
import * as z from 'zod/mini';
import type { MemoryFacts } from '#domain/doctor/memory-facts.ts';
import { vmIdJson } from '../values.ts';
import type { FactsJson } from './facts-json.ts';

export const memoryFactsJson = {
  'ksm-merges-across-nodes': { vmids: z.array(vmIdJson) },
} satisfies FactsJson<MemoryFacts>;
