// `berth/adopt/1`: guests that were pinned by hand and are now in the policy and the placement, and those that are not.
import * as z from 'zod/mini';
import type { AdoptedGuest, LeftGuest } from '#domain/adoption.ts';
import type { MaybeUntried } from '#domain/untried-version.ts';
import { guestPlacementJson } from './placement.ts';
import { untriedFields } from './untried.ts';
import { cpuSetJson, nodeSetJson, vmIdJson, wholeNumber } from './values.ts';

const kind = <Kind extends string>(name: Kind) => ({ kind: z.literal(name) });
const masks = z.array(cpuSetJson);

const notAdoptedJson = z.discriminatedUnion('kind', [
  z.strictObject(kind('not-pinned')),
  z.strictObject(kind('placed')),
  z.strictObject(kind('template')),
  z.strictObject({ ...kind('unreadable'), reason: z.string() }),
  z.strictObject({ ...kind('overlap'), cpus: cpuSetJson, others: z.array(vmIdJson) }),
  z.strictObject({ ...kind('wider-than-node'), cpus: cpuSetJson, nodes: nodeSetJson }),
  z.strictObject({ ...kind('vcpus-differ'), masks }),
  z.strictObject({ ...kind('emulator-differs'), masks }),
  z.strictObject({ ...kind('vcpus-unplugged'), plugged: wholeNumber, vcpus: wholeNumber }),
  z.strictObject({ ...kind('restart-pending'), keys: z.array(z.string()) }),
  z.strictObject({ ...kind('stopped-with-hookscript'), hookscript: z.string() }),
  z.strictObject({ ...kind('cpus-absent'), cpus: cpuSetJson }),
  z.strictObject({ ...kind('cpuset-differs'), configured: cpuSetJson, effective: cpuSetJson }),
]);

const adoptedJson = z.strictObject({
  placed: guestPlacementJson,
  /** Null: its entry of the policy stays as it is. */
  wishes: z.nullable(z.array(z.tuple([z.string(), z.string()]))),
  beside: z.array(vmIdJson),
  memoryElsewhere: nodeSetJson,
});

interface AdoptOutput extends MaybeUntried {
  readonly schema: 'berth/adopt/1';
  readonly simulated: boolean;
  readonly node: string;
  readonly adopted: readonly AdoptedGuest[];
  readonly left: readonly LeftGuest[];
  readonly appliedBy: string | null;
}

/** `appliedBy`: the journal entry; null when there was nothing to write. */
export const adoptJson: z.ZodMiniType<AdoptOutput, unknown> = z.strictObject({
  schema: z.literal('berth/adopt/1'),
  simulated: z.boolean(),
  node: z.string(),
  adopted: z.array(adoptedJson),
  left: z.array(z.strictObject({ vmid: vmIdJson, why: notAdoptedJson })),
  appliedBy: z.nullable(z.string()),
  ...untriedFields,
}) as never;
