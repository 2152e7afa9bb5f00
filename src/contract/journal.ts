// `berth/journal/1`: one file per apply or undo in /var/lib/berth/journal.
import * as z from 'zod/mini';
import type { NumaNodeId } from '#domain/ids.ts';
import type { JournalEntry } from '#domain/journal.ts';
import type { MemoryMove } from '#domain/memory-move.ts';
import type { MaybeUntried } from '#domain/untried-version.ts';
import { bootEditFields } from './boot-isolation.ts';
import { layerNameJson, settingMoveJson } from './host-layer.ts';
import { configEditJson, cpusMoveJson, vectorMoveJson } from './plan.ts';
import { untriedFields } from './untried.ts';
import { cpuSetJson, mapByIdJson, nodeIdJson, nodeSetJson, unitNameJson, vmIdJson, wholeNumber } from './values.ts';

const kind = <Kind extends string>(name: Kind) => ({ kind: z.literal(name) });
const orNull = z.nullable(z.string());

const pagesByNodeJson = mapByIdJson<NumaNodeId, number>(wholeNumber);

const recordJson = z.discriminatedUnion('kind', [
  z.strictObject({
    ...kind('file'),
    vmid: z.nullable(vmIdJson),
    path: z.string(),
    before: orNull,
    after: orNull,
    config: z.nullable(z.strictObject({ section: z.enum(['main', 'pending']), edits: z.array(configEditJson) })),
  }),
  z.strictObject({
    ...kind('qm'),
    vmid: vmIdJson,
    path: z.string(),
    text: z.string(),
    edits: z.array(configEditJson),
  }),
  z.strictObject({
    ...kind('threads'),
    vmid: vmIdJson,
    pid: wholeNumber,
    startTime: wholeNumber,
    threads: z.array(
      z.strictObject({ tid: wholeNumber, vcpu: z.nullable(wholeNumber), before: cpuSetJson, after: cpuSetJson }),
    ),
  }),
  z.strictObject({
    ...kind('partition'),
    vmid: vmIdJson,
    pid: wholeNumber,
    startTime: wholeNumber,
    before: z.nullable(cpuSetJson),
    after: z.nullable(cpuSetJson),
    enabled: z.array(z.string()),
    kernelThreads: z.array(z.strictObject({ tid: wholeNumber, name: z.string(), allowed: cpuSetJson })),
    interrupts: z.array(z.strictObject({ irq: wholeNumber, cpus: z.string() })),
  }),
  z.strictObject({ ...kind('boot'), ...bootEditFields }),
  z.strictObject({
    ...kind('unit'),
    unit: unitNameJson,
    before: z.nullable(cpuSetJson),
    after: z.nullable(cpuSetJson),
  }),
  z.strictObject({
    ...kind('cpuset'),
    vmid: vmIdJson,
    files: z.array(z.strictObject({ path: z.string(), before: z.string(), after: z.string() })),
  }),
  z.strictObject({
    ...kind('memory'),
    vmid: vmIdJson,
    pid: wholeNumber,
    startTime: wholeNumber,
    mappings: z.array(
      z.strictObject({
        start: wholeNumber,
        end: wholeNumber,
        pageKiB: wholeNumber,
        before: pagesByNodeJson,
        after: pagesByNodeJson,
      }),
    ),
    outcome: z.nullable(
      z.strictObject({
        movedMiB: wholeNumber,
        stayed: z.array(z.strictObject({ cause: z.enum(['shared', 'held', 'no-room']), MiB: wholeNumber })),
      }),
    ),
  }),
  z.strictObject({
    ...kind('interrupts'),
    vmid: z.nullable(vmIdJson),
    vectors: z.array(vectorMoveJson),
    forNew: z.nullable(cpusMoveJson),
    stayed: z.array(
      z.strictObject({
        irq: wholeNumber,
        name: z.string(),
        cause: z.enum(['fixed', 'gone', 'foreign', 'full']),
      }),
    ),
  }),
  z.strictObject({
    ...kind('layer'),
    layer: layerNameJson,
    settings: z.array(settingMoveJson),
    stayed: z.array(z.strictObject({ path: z.string(), cause: z.enum(['fixed', 'gone', 'foreign']) })),
  }),
]);

const entryFields = {
  id: z.string().check(z.regex(/^\d{4,}$/)),
  action: z.enum(['apply', 'undo']),
  undoes: orNull,
  /** Made to be measured by `berth bench`, and undone after that. */
  purpose: z.exactOptional(z.literal('bench')),
  node: z.string(),
  cause: z.exactOptional(z.strictObject({ kind: z.enum(['arrived', 'departed']), vmid: vmIdJson, process: orNull })),
  startedAt: z.string(),
  finishedAt: orNull,
  state: z.enum(['running', 'done', 'stopped']),
  steps: z.array(
    z.strictObject({ record: recordJson, state: z.enum(['not-tried', 'doing', 'done', 'failed']), error: orNull }),
  ),
};

export const journalFileJson: z.ZodMiniType<JournalEntry & { readonly schema: 'berth/journal/1' }, unknown> =
  z.strictObject({ schema: z.literal('berth/journal/1'), ...entryFields });

const obstacleJson = z.discriminatedUnion('kind', [
  z.strictObject(kind('passthrough')),
  z.strictObject(kind('encrypted')),
  z.strictObject({ ...kind('bound'), nodes: nodeSetJson }),
  z.strictObject(kind('other-topology')),
  z.strictObject({ ...kind('no-room'), node: nodeIdJson, neededMiB: wholeNumber, thereMiB: wholeNumber }),
  z.strictObject(kind('unreadable')),
]);

const memoryStaysJson = z.strictObject({
  ...kind('stays'),
  vmid: vmIdJson,
  elsewhereMiB: z.nullable(wholeNumber),
  obstacle: obstacleJson,
});

/** What `berth apply`, `undo` and `history` print with `--json`. */
export const journalListJson: z.ZodMiniType<
  {
    readonly schema: 'berth/history/1';
    readonly simulated: boolean;
    readonly entries: readonly JournalEntry[];
    /** Of `apply --move-memory`: whose memory was not moved, and why. */
    readonly memoryStays?: ReadonlyArray<Extract<MemoryMove, { kind: 'stays' }>>;
  } & MaybeUntried,
  unknown
> = z.strictObject({
  schema: z.literal('berth/history/1'),
  simulated: z.boolean(),
  entries: z.array(z.strictObject(entryFields)),
  memoryStays: z.exactOptional(z.array(memoryStaysJson)),
  ...untriedFields,
});
