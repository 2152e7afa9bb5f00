// JSON of the facts of findings about the NUMA lines of VMs.
import * as z from 'zod/mini';
import type { NumaFacts } from '#domain/doctor/numa-facts.ts';
import { wholeNumber } from '../values.ts';
import type { FactsJson } from './facts-json.ts';

const text = z.string();
const keys = z.array(text);

export const numaFactsJson = {
  'numa-line-without-numa': { keys, binds: z.boolean(), problem: z.nullable(text) },
  'numa-line-dropped': { keys },
  'start-fails': { problem: text, keys, says: z.nullable(text) },
  'numa-memory-sum': { keys, missing: keys, dropped: keys, sumMiB: z.number(), memoryMiB: wholeNumber },
  'numa-memory-sockets': { memoryMiB: wholeNumber, sockets: wholeNumber },
  'numa-vcpus-beyond': { keys, beyond: text, vcpus: wholeNumber },
  'numa-host-cpus': { keys, cpus: text, vcpus: wholeNumber, matches: z.enum(['affinity', 'node']) },
  'numa-vcpus-twice': { keys, twice: text },
  'numa-vcpus-uncovered': { keys, uncovered: text, vcpus: wholeNumber },
  'numa-node-gap': { keys, gaps: keys, dropped: keys },
} satisfies FactsJson<NumaFacts>;
