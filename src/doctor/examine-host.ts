// Asks every rule, and puts what it found in order.
import { type DoctorCode, type DoctorFacts, type DoctorFinding, IMPACTS } from '#domain/doctor-finding.ts';
import type { DoctorRules } from './doctor-rule.ts';
import type { DoctorView } from './doctor-view.ts';
import { affinityRules } from './rules/affinity-rules.ts';
import { bootRules } from './rules/boot-rules.ts';
import { capacityRules } from './rules/capacity-rules.ts';
import { clusterRules } from './rules/cluster-rules.ts';
import { driftRules } from './rules/drift-rules.ts';
import { hostNodesRules } from './rules/host-nodes-rules.ts';
import { hostRules } from './rules/host-rules.ts';
import { hugepagesRules } from './rules/hugepages-rules.ts';
import { isolationRules } from './rules/isolation-rules.ts';
import { localityRules } from './rules/locality-rules.ts';
import { memoryRules } from './rules/memory-rules.ts';
import { numaRules } from './rules/numa-rules.ts';
import { sharingRules } from './rules/sharing-rules.ts';

/** A code without a rule does not compile. */
const RULES: DoctorRules<DoctorFacts> = {
  ...affinityRules,
  ...numaRules,
  ...hostNodesRules,
  ...hugepagesRules,
  ...localityRules,
  ...isolationRules,
  ...bootRules,
  ...hostRules,
  ...memoryRules,
  ...sharingRules,
  ...capacityRules,
  ...clusterRules,
  ...driftRules,
};

export const DOCTOR_CODES = Object.keys(RULES).sort() as readonly DoctorCode[];

/** The gravest first, then the host before its guests, then by code; findings of one rule stay in its order. */
export function examineHost(view: DoctorView): readonly DoctorFinding[] {
  return DOCTOR_CODES.flatMap(code => findingsOf(code, view)).sort(
    (a, b) => IMPACTS.indexOf(a.impact) - IMPACTS.indexOf(b.impact) || rank(a) - rank(b),
  );
}

function findingsOf(code: DoctorCode, view: DoctorView): readonly DoctorFinding[] {
  const { impact, examine } = RULES[code];
  // The facts belong to the code because RULES says so; the compiler loses that when it takes any of them.
  return examine(view).map(found => ({ code, impact, ...found }) as DoctorFinding);
}

const rank = ({ subject }: DoctorFinding): number => (subject === 'host' ? 0 : subject);
