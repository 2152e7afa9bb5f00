// `berth/what-if/1`: a plan on a host that is not there; nothing that `berth apply` takes.
import * as z from 'zod/mini';
import type { HostTopology } from '#domain/host-topology.ts';
import type { Infeasible, Plan } from '#domain/plan.ts';
import { WHAT_IFS, type WhatIf } from '#domain/what-if.ts';
import { aimsJson, proofJson } from './alternative.ts';
import { placementJson } from './placement.ts';
import { infeasibleFields, reasonJson } from './plan.ts';
import { topologyJson } from './topology.ts';
import { vmIdJson } from './values.ts';

/** What a plan says that is not about the present host. */
export type SupposedPlan = Pick<Plan, 'kind' | 'placement' | 'explanations' | 'aims' | 'proof'>;

interface WhatIfOutput {
  readonly schema: 'berth/what-if/1';
  readonly simulated: boolean;
  readonly node: string;
  readonly whatIf: readonly WhatIf[];
  readonly topology: HostTopology;
  readonly supposed: SupposedPlan | Infeasible;
}

const supposedJson = z.strictObject({
  kind: z.literal('plan'),
  placement: placementJson,
  explanations: z.array(z.strictObject({ vmid: vmIdJson, reasons: z.array(reasonJson) })),
  aims: aimsJson,
  proof: proofJson,
});

export const whatIfJson: z.ZodMiniType<WhatIfOutput, unknown> = z.strictObject({
  schema: z.literal('berth/what-if/1'),
  simulated: z.boolean(),
  node: z.string(),
  whatIf: z.array(z.enum(WHAT_IFS)),
  topology: topologyJson,
  supposed: z.discriminatedUnion('kind', [supposedJson, z.strictObject(infeasibleFields)]),
});
