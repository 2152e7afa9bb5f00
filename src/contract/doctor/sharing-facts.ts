// JSON of the facts of findings about guests that get in each other's way.
import * as z from 'zod/mini';
import type { SharingFacts } from '#domain/doctor/sharing-facts.ts';
import { cpuSetJson, nodeSetJson, vmIdJson, wholeNumber } from '../values.ts';
import type { FactsJson } from './facts-json.ts';

const cpus = cpuSetJson;
const vmids = z.array(vmIdJson);
const names = z.array(z.string());

export const sharingFactsJson = {
  'siblings-split': { other: vmIdJson, cpus, otherCpus: cpuSetJson },
  'siblings-as-cores': { cpus, cores: wholeNumber, free: cpuSetJson },

  'containers-on-pinned': { vmids, cpus, rest: cpuSetJson },
  'container-cpus-taken': { cpus, others: vmids, rest: cpuSetJson },
  'container-starved': { cores: wholeNumber, cpus, isOwnLine: z.boolean() },

  'helpers-outside-mask': { names, mask: cpuSetJson, outside: cpuSetJson },
  'storage-threads-on-pinned': { names, threads: wholeNumber, cpus },

  'template-pinned': { cpus },
  'snapshot-takes-cpus': { snapshots: names, cpus, others: vmids },
  'snapshot-breaks-start': { snapshots: names, says: z.nullable(z.string()) },
  'snapshot-moves-memory': { snapshots: names, nodes: nodeSetJson, placed: nodeSetJson },
} satisfies FactsJson<SharingFacts>;
