// JSON of the facts of findings about a placement that no longer fits.
import * as z from 'zod/mini';
import type { DriftFacts } from '#domain/doctor/drift-facts.ts';
import { cpuSetJson } from '../values.ts';
import type { FactsJson } from './facts-json.ts';

export const driftFactsJson = {
  'fingerprint-changed': {
    parts: z.array(z.enum(['cpus', 'cores', 'llcs', 'nodes'])),
    onlineBefore: cpuSetJson,
    onlineNow: cpuSetJson,
  },
} satisfies FactsJson<DriftFacts>;
