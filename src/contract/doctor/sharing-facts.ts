// JSON of the facts of findings about guests that get in each other's way.
import type { SharingFacts } from '#domain/doctor/sharing-facts.ts';
import { cpuSetJson, vmIdJson } from '../values.ts';
import type { FactsJson } from './facts-json.ts';

export const sharingFactsJson = {
  'siblings-split': { other: vmIdJson, cpus: cpuSetJson, otherCpus: cpuSetJson },
} satisfies FactsJson<SharingFacts>;
