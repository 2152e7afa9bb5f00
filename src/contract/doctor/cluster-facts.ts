// JSON of the facts of findings about other nodes and about what the whole cluster reads.
import * as z from 'zod/mini';
import type { ClusterFacts } from '#domain/doctor/cluster-facts.ts';
import { vmIdJson } from '../values.ts';
import type { FactsJson } from './facts-json.ts';

const text = z.string();
const names = z.array(text);
const vmids = z.array(vmIdJson);

export const clusterFactsJson = {
  'hookscript-missing': { volume: text, problem: z.enum(['storage-unknown', 'storage-elsewhere', 'file']) },
  'hookscript-not-elsewhere': { volume: text, absent: names, unseen: names },
  'pins-travel': { keys: names, different: names, unseen: names },
  'tag-unregistered': { tags: names, vmids, registered: names },
  'policy-guest-absent': { vmids },
} satisfies FactsJson<ClusterFacts>;
