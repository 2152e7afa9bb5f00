// `berth/doctor/1`: what is wrong with the host and its guests as configured.
import * as z from 'zod/mini';
import { type DoctorCode, type DoctorFacts, type DoctorFinding, IMPACTS } from '#domain/doctor-finding.ts';
import type { DoctorReport } from '#domain/doctor-report.ts';
import type { MaybeUntried } from '#domain/untried-version.ts';
import { affinityFactsJson } from './doctor/affinity-facts.ts';
import { bootFactsJson } from './doctor/boot-facts.ts';
import { capacityFactsJson } from './doctor/capacity-facts.ts';
import { clusterFactsJson } from './doctor/cluster-facts.ts';
import { driftFactsJson } from './doctor/drift-facts.ts';
import type { FactsJson } from './doctor/facts-json.ts';
import { hostFactsJson } from './doctor/host-facts.ts';
import { hostNodesFactsJson } from './doctor/host-nodes-facts.ts';
import { hugepagesFactsJson } from './doctor/hugepages-facts.ts';
import { isolationFactsJson } from './doctor/isolation-facts.ts';
import { localityFactsJson } from './doctor/locality-facts.ts';
import { memoryFactsJson } from './doctor/memory-facts.ts';
import { numaFactsJson } from './doctor/numa-facts.ts';
import { sharingFactsJson } from './doctor/sharing-facts.ts';
import { untriedFields } from './untried.ts';
import { unknownJson, vmIdJson, wholeNumber } from './values.ts';

const FACTS: FactsJson<DoctorFacts> = {
  ...affinityFactsJson,
  ...numaFactsJson,
  ...hostNodesFactsJson,
  ...hugepagesFactsJson,
  ...localityFactsJson,
  ...isolationFactsJson,
  ...bootFactsJson,
  ...hostFactsJson,
  ...memoryFactsJson,
  ...sharingFactsJson,
  ...capacityFactsJson,
  ...clusterFactsJson,
  ...driftFactsJson,
};

export const doctorCodeJson = z.enum(Object.keys(FACTS) as [DoctorCode]);

const text = z.string();
const evidenceJson = z.strictObject({ file: text, line: z.nullable(wholeNumber), text });

const fixJson = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('config'),
    /** Of the guest that the finding is about; null removes the key. */
    edits: z.array(z.strictObject({ key: text, after: z.nullable(text) })),
  }),
  z.strictObject({ kind: z.literal('commands'), commands: z.array(z.array(text)) }),
]);

const common = {
  impact: z.enum(IMPACTS),
  subject: z.union([z.literal('host'), vmIdJson]),
  evidence: z.array(evidenceJson),
  fix: z.nullable(fixJson),
};

/** One object for each code, as in `findingJson`. */
export const doctorFindingJson = z.discriminatedUnion(
  'code',
  Object.entries(FACTS).map(([code, facts]) =>
    z.strictObject({ code: z.literal(code), ...common, facts: z.strictObject(facts) }),
  ) as unknown as [z.ZodMiniObject],
) as unknown as z.ZodMiniType<DoctorFinding, Record<string, unknown>>;

export interface DoctorOutput extends DoctorReport, MaybeUntried {
  readonly schema: 'berth/doctor/1';
  readonly simulated: boolean;
  /** The journal entry of `--fix`; null when nothing was changed. The findings are those that remain. */
  readonly fixedBy: string | null;
}

export const doctorJson: z.ZodMiniType<DoctorOutput, unknown> = z.strictObject({
  schema: z.literal('berth/doctor/1'),
  simulated: z.boolean(),
  node: text,
  findings: z.array(doctorFindingJson),
  ignored: z.array(z.strictObject({ finding: doctorFindingJson, reason: text })),
  unknown: z.array(unknownJson),
  fixedBy: z.nullable(text),
  ...untriedFields,
});
