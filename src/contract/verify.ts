// `berth/verify/1` and `berth/check/1`: what is true now, guest by guest, and every deviation.
import * as z from 'zod/mini';
import type { MaybeUntried } from '#domain/untried-version.ts';
import type { VerifyReport } from '#domain/verify-report.ts';
import { findingJson } from './finding.ts';
import { untriedFields } from './untried.ts';
import { vmIdJson, wholeNumber } from './values.ts';

export const verifyJson: z.ZodMiniType<
  VerifyReport & MaybeUntried & { readonly schema: 'berth/verify/1'; readonly simulated: boolean },
  unknown
> = z.strictObject({
  schema: z.literal('berth/verify/1'),
  simulated: z.boolean(),
  node: z.string(),
  isolation: z.enum(['none', 'confine', 'partition', 'boot']),
  guests: z.array(
    z.strictObject({
      vmid: vmIdJson,
      class: z.enum(['dedicated', 'confined', 'shared']),
      state: z.enum(['inForce', 'restartPending', 'deviates', 'stopped', 'gone']),
      threadsChecked: wholeNumber,
      localMiB: z.nullable(wholeNumber),
      residentMiB: z.nullable(wholeNumber),
    }),
  ),
  findings: z.array(findingJson),
  ...untriedFields,
});

/** `berth check-plan --json`. */
export const checkJson = z.strictObject({
  schema: z.literal('berth/check/1'),
  findings: z.array(findingJson),
});
