// `berth/status/1`: a node in one object.
import * as z from 'zod/mini';
import type { NodeStatus } from '#domain/node-status.ts';
import { untriedFields } from './untried.ts';
import { wholeNumber } from './values.ts';

const state = z.strictObject({
  inForce: wholeNumber,
  restartPending: wholeNumber,
  deviates: wholeNumber,
  stopped: wholeNumber,
  gone: wholeNumber,
});

export const statusJson: z.ZodMiniType<
  NodeStatus & { readonly schema: 'berth/status/1'; readonly simulated: boolean },
  unknown
> = z.strictObject({
  schema: z.literal('berth/status/1'),
  simulated: z.boolean(),
  node: z.string(),
  proxmox: z.strictObject({
    version: z.nullable(z.string()),
    support: z.enum(['supported', 'untried', 'none']),
  }),
  kernel: z.nullable(z.string()),
  ...untriedFields,
  cgroupVersion: z.union([z.literal(1), z.literal(2)]),
  policy: z.nullable(z.strictObject({ dedicated: wholeNumber, confined: wholeNumber })),
  placement: z.nullable(
    z.strictObject({
      isolation: z.enum(['none', 'confine', 'partition', 'boot']),
      guests: state,
      deviations: wholeNumber,
    }),
  ),
  agent: z.nullable(z.strictObject({ pid: z.nullable(wholeNumber) })),
  findings: z.strictObject({
    'breaks-start': wholeNumber,
    ineffective: wholeNumber,
    'hurts-latency': wholeNumber,
    'worth-knowing': wholeNumber,
  }),
  last: z.nullable(
    z.strictObject({
      id: z.string(),
      action: z.enum(['apply', 'undo']),
      state: z.enum(['running', 'done', 'stopped']),
      startedAt: z.string(),
    }),
  ),
});
