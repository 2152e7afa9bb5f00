// JSON of the facts of findings about what moves, merges or changes memory.
import * as z from 'zod/mini';
import type { MemoryFacts } from '#domain/doctor/memory-facts.ts';
import { vmIdJson, wholeNumber } from '../values.ts';
import type { FactsJson } from './facts-json.ts';

const text = z.string();
const vmids = z.array(vmIdJson);

export const memoryFactsJson = {
  'ksm-merges-across-nodes': { vmids },
  'numa-balancing': { vmids },
  'transparent-hugepages-off': { vmids },
  'memory-hotplug-fails': { problem: text, says: z.nullable(text) },
  'balloon-on-placed-memory': { balloonMiB: wholeNumber, memoryMiB: wholeNumber, hugepages: z.boolean() },
} satisfies FactsJson<MemoryFacts>;
