// Alternatives to a plan, neighbours of a guest's place and relaxations, as they occur in other objects.
import * as z from 'zod/mini';
import type { Alternative, Neighbour, Outcome, Relaxation } from '#domain/alternative.ts';
import type { DefragStep } from '#domain/defrag.ts';
import { AIMS } from '#domain/plan.ts';
import { cpuSetJson, llcIdJson, nodeSetJson, vmIdJson, wholeNumber } from './values.ts';

const kind = <Kind extends string>(name: Kind) => ({ kind: z.literal(name) });
const aim = z.enum(AIMS);
const vmids = z.array(vmIdJson);

/** What is compared, lexicographically, in the order of this list. */
export const aimsJson = z.array(z.strictObject({ aim, value: z.int() }));

export const proofJson = z.discriminatedUnion('kind', [
  z.strictObject(kind('optimal')),
  z.strictObject({ ...kind('unproved'), firstUnproved: aim, distance: z.exactOptional(wholeNumber) }),
]);

export const lackJson = z.enum(['cores', 'memory', 'placement', 'core-kind', 'cpus']);

/** `by` above zero: worse than the plan in this aim. */
const outcomeJson: z.ZodMiniType<Outcome, unknown> = z.discriminatedUnion('kind', [
  z.strictObject({
    ...kind('possible'),
    differences: z.array(z.strictObject({ aim, by: z.int(), vmids })),
    aims: aimsJson,
    reservedCpus: z.int(),
    proof: proofJson,
  }),
  z.strictObject({
    ...kind('impossible'),
    lack: lackJson,
    vmids,
    memory: z.nullable(z.strictObject({ neededMiB: wholeNumber, thereMiB: wholeNumber })),
    proved: z.boolean(),
  }),
]);

export const neighbourJson: z.ZodMiniType<Neighbour, unknown> = z.strictObject({
  place: z.strictObject({ nodes: nodeSetJson, llc: z.nullable(llcIdJson), cpus: cpuSetJson }),
  outcome: outcomeJson,
});

const presentJson = z.strictObject({
  vmid: vmIdJson,
  running: z.boolean(),
  nodes: wholeNumber,
  llcs: wholeNumber,
  sharedWith: wholeNumber,
});

export const alternativeJson: z.ZodMiniType<Alternative, unknown> = z.discriminatedUnion('kind', [
  z.strictObject({ ...kind('leave'), present: z.array(presentJson), outcome: z.nullable(outcomeJson) }),
  z.strictObject({ ...kind('fewest-moves'), mostMoves: wholeNumber, outcome: outcomeJson }),
  z.strictObject({ ...kind('stay-with-memory'), vmids, outcome: outcomeJson }),
  z.strictObject({
    ...kind('wish'),
    key: z.enum(['smt', 'class', 'span']),
    to: z.string(),
    vmids,
    outcome: outcomeJson,
  }),
]);

export const defragStepJson: z.ZodMiniType<DefragStep, unknown> = z.strictObject({
  mostMoves: wholeNumber,
  vmids,
  outcome: outcomeJson,
});

export const relaxationJson: z.ZodMiniType<Relaxation, unknown> = z.discriminatedUnion('kind', [
  z.strictObject({ ...kind('wish'), vmid: vmIdJson, key: z.string(), from: z.string(), to: z.string() }),
  z.strictObject({ ...kind('housekeeping'), from: z.nullable(wholeNumber), to: wholeNumber }),
  z.strictObject({ ...kind('memory'), vmid: vmIdJson, fromMiB: wholeNumber, toMiB: wholeNumber }),
  z.strictObject({ ...kind('container-cores'), vmid: vmIdJson, from: wholeNumber, to: wholeNumber }),
]);
