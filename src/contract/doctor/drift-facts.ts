// JSON of the facts of findings about a placement that no longer fits.
import * as z from 'zod/mini';
import type { DriftFacts } from '#domain/doctor/drift-facts.ts';
import { cpuSetJson, vmIdJson, wholeNumber } from '../values.ts';
import type { FactsJson } from './facts-json.ts';

const vmids = z.array(vmIdJson);

export const driftFactsJson = {
  'fingerprint-changed': {
    parts: z.array(z.enum(['cpus', 'cores', 'llcs', 'nodes'])),
    onlineBefore: cpuSetJson,
    onlineNow: cpuSetJson,
  },
  'placement-deviates': { deviations: wholeNumber, vmids },
  'placement-not-kept': { vmids, agent: z.enum(['off', 'unenabled', 'stopped']) },
  'placed-guest-gone': { gone: vmids, moved: vmids, replaced: vmids },
} satisfies FactsJson<DriftFacts>;
