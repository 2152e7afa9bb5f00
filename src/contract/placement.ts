// `berth/placement/1`: the placement in force on a node.
import * as z from 'zod/mini';
import type { GuestPlacement, Placement } from '#domain/placement.ts';
import { hostLayersJson } from './host-layer.ts';
import { cpuSetJson, mapByNameJson, nodeIdJson, nodeSetJson, vcpuIndexJson, vmIdJson, wholeNumber } from './values.ts';

const identityJson = z.strictObject({
  uuid: z.nullable(z.string()),
  vmgenid: z.nullable(z.string()),
  createdAt: z.nullable(z.string()),
});

const memoryJson = z.strictObject({
  policy: z.enum(['preferred', 'bind', 'interleave']),
  parts: z.array(z.strictObject({ hostNode: nodeIdJson, memoryMiB: wholeNumber, vcpus: z.array(vcpuIndexJson) })),
});

export const guestPlacementJson: z.ZodMiniType<GuestPlacement, unknown> = z.strictObject({
  vmid: vmIdJson,
  kind: z.enum(['vm', 'container']),
  identity: identityJson,
  class: z.enum(['dedicated', 'confined', 'shared']),
  smt: z.enum(['pairs', 'isolate', 'any']),
  /** Index = vCPU number. */
  vcpus: z.array(cpuSetJson),
  emulator: cpuSetJson,
  affinity: cpuSetJson,
  nodes: nodeSetJson,
  memory: z.nullable(memoryJson),
  /** Value of the config key of that name, null for no such line; absent when it is the operator's own. */
  hugepages: z.exactOptional(z.nullable(z.enum(['2', '1024']))),
  ksm: z.exactOptional(z.literal('off')),
  /** Absent: the config names the guest's CPUs and nodes. */
  config: z.exactOptional(z.literal('runtime')),
  strict: z.exactOptional(z.literal(true)),
  whileCopied: z.exactOptional(z.literal('keep')),
  found: mapByNameJson(z.nullable(z.string())),
  arrived: z.exactOptional(z.literal(true)),
});

const placementFields = {
  node: z.string(),
  isolation: z.enum(['none', 'confine', 'partition', 'boot']),
  interrupts: z.exactOptional(z.literal('move')),
  layers: z.exactOptional(hostLayersJson),
  housekeeping: cpuSetJson,
  guests: z.array(guestPlacementJson),
};

/** Placement inside a plan. */
export const placementJson: z.ZodMiniType<Placement, unknown> = z.strictObject(placementFields);

/** The whole file; `appliedBy` is the journal entry that made it true. */
export const placementFileJson: z.ZodMiniType<
  Placement & { readonly schema: 'berth/placement/1'; readonly appliedBy: string },
  unknown
> = z.strictObject({
  schema: z.literal('berth/placement/1'),
  appliedBy: z.string(),
  ...placementFields,
});
