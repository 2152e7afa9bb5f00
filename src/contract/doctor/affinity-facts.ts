// JSON of the facts of findings about affinity.
import * as z from 'zod/mini';
import type { AffinityFacts } from '#domain/doctor/affinity-facts.ts';
import { cpuSetJson, vmIdJson, wholeNumber } from '../values.ts';
import type { FactsJson } from './facts-json.ts';

const text = z.string();

export const affinityFactsJson = {
  'unknown-key': { keys: z.array(text), pinning: z.array(text) },
  'affinity-zero': { value: text },
  'affinity-breaks-start': { value: text, problem: text },
  'affinity-absent-cpus': { absent: cpuSetJson, used: cpuSetJson },
  'affinity-outside-cgroup': { cpus: cpuSetJson, allowed: cpuSetJson, partitions: z.array(text) },
  'affinity-cut-by-partition': { partitions: z.array(text), cpus: cpuSetJson, used: cpuSetJson },
  'affinity-taken': { cpus: cpuSetJson, others: z.array(vmIdJson) },
  'affinity-too-narrow': { cpus: cpuSetJson, vcpus: wholeNumber },
} satisfies FactsJson<AffinityFacts>;
