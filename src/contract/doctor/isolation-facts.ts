// JSON of the facts of findings about isolated CPUs.
import * as z from 'zod/mini';
import type { IsolationFacts } from '#domain/doctor/isolation-facts.ts';
import { cpuSetJson, wholeNumber } from '../values.ts';
import type { FactsJson } from './facts-json.ts';

const parameter = z.enum(['isolcpus', 'nohz_full']);
const values = z.array(z.string());

export const isolationFactsJson = {
  'cpu0-isolated': { parameters: z.array(parameter) },
  'isolated-pile-up': { cpus: cpuSetJson, vcpus: wholeNumber },
  'isolated-siblings': { cpus: cpuSetJson, siblings: cpuSetJson },
  'isolation-shortened': { parameter, values, taken: cpuSetJson },
  'isolcpus-without-domain': { values },
  'isolcpus-without-managed-irq': { values },
  'nohz-full-unsupported': { release: z.string() },
} satisfies FactsJson<IsolationFacts>;
