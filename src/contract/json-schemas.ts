// The JSON Schemas that are published in docs/schemas, made from the same definitions that read and write.
import * as z from 'zod/mini';
import { adoptJson } from './adopt.ts';
import { isolateJson } from './boot-isolation.ts';
import { captureJson } from './capture.ts';
import { diagnoseJson } from './diagnose.ts';
import { doctorFindingJson, doctorJson } from './doctor.ts';
import { explainJson } from './explain.ts';
import { findingJson } from './finding.ts';
import { inspectJson } from './inspect.ts';
import { journalFileJson, journalListJson } from './journal.ts';
import { measurementJson, measurementListJson } from './measurement.ts';
import { migrateCheckJson, moveFindingJson } from './migrate-check.ts';
import { pastedInspectJson } from './pasted-inspect.ts';
import { placementFileJson, placementJson } from './placement.ts';
import { planOutputJson } from './plan.ts';
import { policyJson } from './policy.ts';
import { statusJson } from './status.ts';
import { topologyFileJson, topologyJson } from './topology.ts';
import { cpuSetJson, nodeSetJson, vmIdJson } from './values.ts';
import { checkJson, verifyJson } from './verify.ts';
import { whatIfJson } from './what-if.ts';

const PUBLISHED: Readonly<Record<string, { readonly title: string; readonly schema: z.ZodMiniType }>> = {
  adopt: { title: 'berth adopt --json', schema: adoptJson },
  capture: { title: 'berth capture --json', schema: captureJson },
  check: { title: 'berth check-plan --json', schema: checkJson },
  diagnose: { title: 'berth diagnose --json', schema: diagnoseJson },
  doctor: { title: 'berth doctor --json', schema: doctorJson },
  explain: { title: 'berth explain --json', schema: explainJson },
  finding: { title: 'One finding, as it occurs in plans and in berth verify --json', schema: findingJson },
  inspect: {
    title: 'berth inspect --json; with --from FILE null is what the text does not tell',
    schema: z.union([inspectJson, pastedInspectJson]),
  },
  isolate: { title: 'berth isolate --json', schema: isolateJson },
  history: { title: 'berth history, apply and undo --json', schema: journalListJson },
  journal: { title: '/var/lib/berth/journal/ID.json', schema: journalFileJson },
  measurement: { title: '/var/lib/berth/measurements/*.json', schema: measurementJson },
  measurements: { title: 'berth bench --list and --compare --json', schema: measurementListJson },
  'migrate-check': { title: 'berth migrate-check --json', schema: migrateCheckJson },
  placement: { title: '/etc/pve/berth/nodes/NODE/placement.json', schema: placementFileJson },
  plan: { title: 'berth plan --json: a plan, or why there is none', schema: planOutputJson },
  policy: { title: '/etc/pve/berth/policy.yaml', schema: policyJson },
  status: { title: 'berth status --json', schema: statusJson },
  topology: { title: '/etc/pve/berth/nodes/NODE/topology.json', schema: topologyFileJson },
  verify: { title: 'berth verify --json', schema: verifyJson },
  'what-if': { title: 'berth plan --what-if --json', schema: whatIfJson },
};

const ID_LIST = '^$|^\\d+(-\\d+)?(,\\d+(-\\d+)?)*$';

/** Values that occur everywhere get a name, and what a type alone does not say; where `z.describe` keeps what keys mean. */
const names = z.globalRegistry;
names.add(cpuSetJson, {
  id: 'CpuList',
  description: 'CPUs as the kernel lists them, 0-3,8; empty for none',
  pattern: ID_LIST,
});
names.add(nodeSetJson, {
  id: 'NodeList',
  description: 'NUMA nodes as the kernel lists them, 0-1; empty for none',
  pattern: ID_LIST,
});
names.add(vmIdJson, { id: 'VmId', description: 'Proxmox number of a VM or container' });
names.add(findingJson, { id: 'Finding', description: 'Its code decides which facts it has' });
names.add(doctorFindingJson, { id: 'DoctorFinding', description: 'Its code decides which facts it has' });
names.add(moveFindingJson, { id: 'MoveFinding', description: 'Its code decides which facts it has' });
names.add(placementJson, { id: 'Placement', description: 'Where each guest of a node belongs' });
names.add(topologyJson, { id: 'Topology', description: 'What a node is; nothing that changes while it runs' });

/** File name → JSON Schema (draft 2020-12) of what is written, not of what it becomes once read. */
export function makeJsonSchemas(): ReadonlyMap<string, unknown> {
  return new Map(
    Object.entries(PUBLISHED).map(([name, { title, schema }]) => [
      `${name}.json`,
      { title, ...z.toJSONSchema(schema, { io: 'input' }) },
    ]),
  );
}
