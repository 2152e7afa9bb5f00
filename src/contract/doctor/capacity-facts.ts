// JSON of the facts of findings about more being promised than there is.
import * as z from 'zod/mini';
import type { CapacityFacts } from '#domain/doctor/capacity-facts.ts';
import { cpuSetJson, vmIdJson, wholeNumber } from '../values.ts';
import type { FactsJson } from './facts-json.ts';

const vmids = z.array(vmIdJson);

export const capacityFactsJson = {
  'cpulimit-throttles': { limit: z.number(), cpus: wholeNumber },
  'dedicated-overcommitted': { vmids, cores: wholeNumber, available: wholeNumber },
  'pairs-odd-vcpus': { vcpus: wholeNumber },
  'host-cores-few': {
    left: cpuSetJson,
    cores: wholeNumber,
    wanted: wholeNumber,
    zfsPools: wholeNumber,
    cephDaemons: wholeNumber,
    isClustered: z.boolean(),
  },
  'arc-crowds-guests': { vmids, arcMaxMiB: wholeNumber, guestsMiB: wholeNumber, totalMiB: wholeNumber },
} satisfies FactsJson<CapacityFacts>;
