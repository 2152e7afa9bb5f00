// `berth/plan/1`: a complete decision, or why there is none.
import * as z from 'zod/mini';
import type { Alternative, Relaxation } from '#domain/alternative.ts';
import type { DefragStep } from '#domain/defrag.ts';
import type { NumaNodeId } from '#domain/ids.ts';
import type { Infeasible, Plan } from '#domain/plan.ts';
import type { MaybeUntried } from '#domain/untried-version.ts';
import { aimsJson, alternativeJson, defragStepJson, lackJson, proofJson, relaxationJson } from './alternative.ts';
import { findingJson } from './finding.ts';
import { layerNameJson, settingMoveJson } from './host-layer.ts';
import { placementJson } from './placement.ts';
import { untriedFields } from './untried.ts';
import { cpuSetJson, mapByIdJson, nodeIdJson, unitNameJson, vcpuIndexJson, vmIdJson, wholeNumber } from './values.ts';

const kind = <Kind extends string>(name: Kind) => ({ kind: z.literal(name) });
const orNull = z.nullable(z.string());

export const reasonJson = z.discriminatedUnion('kind', [
  z.strictObject(kind('only-node')),
  z.strictObject({ ...kind('fits-one-node'), node: nodeIdJson }),
  z.strictObject({ ...kind('spans-nodes'), nodes: wholeNumber, because: z.enum(['cpus', 'memory', 'others']) }),
  z.strictObject(kind('one-llc')),
  z.strictObject({ ...kind('spans-llcs'), llcs: wholeNumber, most: wholeNumber }),
  z.strictObject({ ...kind('whole-cores'), cores: wholeNumber }),
  z.strictObject({ ...kind('idle-siblings'), cpus: cpuSetJson }),
  z.strictObject(kind('kept-in-place')),
  z.strictObject(kind('run-time-only')),
  z.strictObject({ ...kind('kept-off'), owners: z.array(vmIdJson) }),
  z.strictObject({ ...kind('confined-to'), span: z.enum(['llc', 'node']), neighbours: z.array(vmIdJson) }),
]);

const roleJson = z.discriminatedUnion('kind', [
  z.strictObject({ ...kind('vcpu'), index: vcpuIndexJson }),
  z.strictObject({ ...kind('iothread'), id: z.string() }),
  z.strictObject(kind('emulator')),
]);

export const configEditJson = z.strictObject({ key: z.string(), before: orNull, after: orNull });

export const cpusMoveJson = z.strictObject({ before: cpuSetJson, after: cpuSetJson });

export const vectorMoveJson = z.strictObject({
  irq: wholeNumber,
  name: z.string(),
  before: cpuSetJson,
  after: cpuSetJson,
});

export const changeJson = z.discriminatedUnion('kind', [
  z.strictObject({
    ...kind('config'),
    vmid: vmIdJson,
    guestKind: z.enum(['vm', 'container']),
    path: z.string(),
    edits: z.array(configEditJson),
    section: z.enum(['main', 'pending']),
    rewrites: z.array(z.strictObject({ line: wholeNumber, before: z.string(), after: orNull })),
  }),
  z.strictObject({
    ...kind('threads'),
    vmid: vmIdJson,
    pid: wholeNumber,
    startTime: wholeNumber,
    threads: z.array(z.strictObject({ tid: wholeNumber, role: roleJson, before: cpuSetJson, after: cpuSetJson })),
  }),
  z.strictObject({ ...kind('cpuset'), vmid: vmIdJson, before: cpuSetJson, after: cpuSetJson }),
  z.strictObject({
    ...kind('partition'),
    vmid: vmIdJson,
    pid: wholeNumber,
    startTime: wholeNumber,
    before: z.nullable(cpuSetJson),
    after: z.nullable(cpuSetJson),
  }),
  z.strictObject({
    ...kind('unit'),
    vmid: z.null(),
    unit: unitNameJson,
    before: z.nullable(cpuSetJson),
    after: z.nullable(cpuSetJson),
  }),
  z.strictObject({
    ...kind('interrupts'),
    vmid: z.nullable(vmIdJson),
    vectors: z.array(vectorMoveJson),
    forNew: z.nullable(cpusMoveJson),
  }),
  z.strictObject({
    ...kind('layer'),
    vmid: z.null(),
    layer: layerNameJson,
    settings: z.array(settingMoveJson),
  }),
]);

const basisJson = z.strictObject({
  online: cpuSetJson,
  policy: z.string(),
  guests: z.array(z.strictObject({ vmid: vmIdJson, digest: z.string(), process: orNull })),
});

const planFields = {
  ...kind('plan'),
  node: z.string(),
  basis: basisJson,
  placement: placementJson,
  explanations: z.array(z.strictObject({ vmid: vmIdJson, reasons: z.array(reasonJson) })),
  changes: z.array(changeJson),
  aims: aimsJson,
  proof: proofJson,
  advice: z.array(findingJson),
  /** Absent: they were not asked for. */
  alternatives: z.exactOptional(z.array(alternativeJson)),
  /** What moves gain; the last step is this plan's. Absent: it was not asked for. */
  defrag: z.exactOptional(z.array(defragStepJson)),
};

const schema = { schema: z.literal('berth/plan/1'), simulated: z.boolean(), ...untriedFields };
interface FileHead extends MaybeUntried {
  readonly schema: 'berth/plan/1';
  readonly simulated: boolean;
}

/** A plan as `berth plan --json` prints it and `berth apply FILE` reads it. */
export const planFileJson: z.ZodMiniType<
  Plan & FileHead & { readonly alternatives?: readonly Alternative[]; readonly defrag?: readonly DefragStep[] },
  unknown
> = z.strictObject({ ...schema, ...planFields });

/** Why there is no plan, inside other objects. */
export const infeasibleFields = {
  ...kind('infeasible'),
  node: z.string(),
  conflict: z.array(
    z.strictObject({
      vmid: vmIdJson,
      class: z.string(),
      vcpus: wholeNumber,
      cores: wholeNumber,
      memoryMiB: wholeNumber,
    }),
  ),
  available: z.strictObject({
    cores: wholeNumber,
    cpus: cpuSetJson,
    nodeMiB: mapByIdJson<NumaNodeId, number>(wholeNumber),
  }),
  proved: z.boolean(),
  lack: lackJson,
};

export const infeasibleJson: z.ZodMiniType<
  Infeasible & FileHead & { readonly relaxations?: readonly Relaxation[] },
  unknown
> = z.strictObject({
  ...schema,
  ...infeasibleFields,
  /** Absent: they were not looked for. */
  relaxations: z.exactOptional(z.array(relaxationJson)),
});

/** Everything that `berth plan --json` can print. */
export const planOutputJson = z.union([planFileJson, infeasibleJson]);
