// `berth/migrate-check/1`: what a guest would meet on another node, and the way there.
import * as z from 'zod/mini';
import type { MoveCode, MoveReport } from '#domain/move.ts';
import type { MaybeUntried } from '#domain/untried-version.ts';
import { guestPlacementJson } from './placement.ts';
import { configEditJson } from './plan.ts';
import { untriedFields } from './untried.ts';
import { cpuIdJson, cpuSetJson, nodeIdJson, nodeSetJson, unknownJson, vmIdJson, wholeNumber } from './values.ts';

const text = z.string();
const orNull = z.nullable(text);
const texts = z.array(text);

const siteJson = z.strictObject({
  node: z.nullable(nodeIdJson),
  /** CPUs behind the same last-level cache; empty where the kernel shows none. */
  llc: cpuSetJson,
  largeCache: z.boolean(),
  siblings: cpuSetJson,
  kind: z.enum(['uniform', 'performance', 'efficiency']),
});

/** The facts of every code; a missing or extra code does not compile. */
const FACTS = {
  'vcpus-over-cpus': { vcpus: wholeNumber, cpus: wholeNumber },
  'affinity-absent': { affinity: cpuSetJson, online: cpuSetJson },
  'affinity-narrower': { absent: cpuSetJson, left: cpuSetJson, vcpus: wholeNumber },
  'pins-elsewhere': { cpus: z.array(z.strictObject({ cpu: cpuIdJson, here: siteJson, there: siteJson })) },
  'container-cpus-absent': { absent: cpuSetJson, cpuset: cpuSetJson },
  'host-nodes-absent': { key: text, nodes: nodeSetJson },
  'memory-apart': { memory: nodeSetJson, cpus: nodeSetJson },
  'bind-too-large': { key: text, node: nodeIdJson, memoryMiB: wholeNumber, totalMiB: wholeNumber },
  'hugepages-absent': { hugepages: text, sizesKiB: z.array(wholeNumber) },
  'device-absent': { key: text, address: text },
  'device-differs': { key: text, address: text, here: orNull, there: text },
  'mapping-absent': { key: text, mapping: text },
  'passthrough-running': { keys: texts },
  'hookscript-storage': { volume: text, nodes: texts },
  'hookscript-absent': { volume: text },
  'start-refused': { problem: text, keys: texts, says: orNull },
  'ha-managed': { resource: text },
  'ha-elsewhere': { resource: text, rule: text, nodes: texts, strict: z.boolean() },
  'no-placement': { lack: z.enum(['cores', 'memory', 'placement', 'core-kind', 'cpus']) },
} satisfies Record<MoveCode, Record<string, z.ZodMiniType>>;

const effectAndMoment = {
  effect: z.enum(['stops', 'unnoticed', 'note']),
  at: z.enum(['arrival', 'next-start']),
};

/** One object per finding; the union is closed, so a reader can rely on each code's facts. */
export const moveFindingJson = z.discriminatedUnion(
  'code',
  Object.entries(FACTS).map(([code, facts]) =>
    z.strictObject({ code: z.literal(code), ...effectAndMoment, ...facts }),
  ) as unknown as [z.ZodMiniObject],
) as unknown as z.ZodMiniType<MoveReport['findings'][number], Record<string, unknown>>;

/** The whole output. `steps` is empty when no order of commands can help. */
export const migrateCheckJson: z.ZodMiniType<
  MoveReport & MaybeUntried & { readonly schema: 'berth/migrate-check/1'; readonly simulated: boolean },
  unknown
> = z.strictObject({
  schema: z.literal('berth/migrate-check/1'),
  simulated: z.boolean(),
  vmid: vmIdJson,
  kind: z.enum(['vm', 'container']),
  running: z.boolean(),
  node: text,
  target: text,
  basis: z.enum(['published', 'tree']),
  neighbours: wholeNumber,
  findings: z.array(moveFindingJson),
  placement: z.nullable(guestPlacementJson),
  edits: z.array(configEditJson),
  steps: z.array(
    z.strictObject({
      reason: z.enum([
        'shut-down',
        'revert-pending',
        'take-away',
        'give-back-own',
        'move',
        'place-there',
        'start-there',
        'free-here',
        'put-back',
      ]),
      node: text,
      command: texts,
    }),
  ),
  unknown: z.array(unknownJson),
  ...untriedFields,
});
