// `berth/explain/1`: why one guest is where a plan puts it, and what its neighbouring places would cost.
import * as z from 'zod/mini';
import type { Neighbour } from '#domain/alternative.ts';
import type { VmId } from '#domain/ids.ts';
import type { GuestPlacement } from '#domain/placement.ts';
import type { AimValue, Proof, Reason } from '#domain/plan.ts';
import { aimsJson, neighbourJson, proofJson } from './alternative.ts';
import { guestPlacementJson } from './placement.ts';
import { reasonJson } from './plan.ts';
import { vmIdJson } from './values.ts';

interface ExplainOutput {
  readonly schema: 'berth/explain/1';
  readonly simulated: boolean;
  readonly node: string;
  readonly vmid: VmId;
  readonly placed: GuestPlacement | null;
  readonly reasons: readonly Reason[];
  readonly aims: readonly AimValue[];
  readonly proof: Proof;
  readonly neighbours: readonly Neighbour[];
}

/** `placed`: null when the policy asks for nothing that concerns this guest. */
export const explainJson: z.ZodMiniType<ExplainOutput, unknown> = z.strictObject({
  schema: z.literal('berth/explain/1'),
  simulated: z.boolean(),
  node: z.string(),
  vmid: vmIdJson,
  placed: z.nullable(guestPlacementJson),
  reasons: z.array(reasonJson),
  aims: aimsJson,
  proof: proofJson,
  neighbours: z.array(neighbourJson),
});
