// `berth/journal/1`: one file per apply or undo in /var/lib/berth/journal.
import * as z from 'zod/mini';
import type { JournalEntry } from '#domain/journal.ts';
import { configEditJson } from './plan.ts';
import { cpuSetJson, vmIdJson, wholeNumber } from './values.ts';

const kind = <Kind extends string>(name: Kind) => ({ kind: z.literal(name) });
const orNull = z.nullable(z.string());

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
  z.strictObject({
    ...kind('cpuset'),
    vmid: vmIdJson,
    files: z.array(z.strictObject({ path: z.string(), before: z.string(), after: z.string() })),
  }),
]);

const entryFields = {
  id: z.string().check(z.regex(/^\d{4,}$/)),
  action: z.enum(['apply', 'undo']),
  undoes: orNull,
  node: z.string(),
  startedAt: z.string(),
  finishedAt: orNull,
  state: z.enum(['running', 'done', 'stopped']),
  steps: z.array(
    z.strictObject({ record: recordJson, state: z.enum(['not-tried', 'doing', 'done', 'failed']), error: orNull }),
  ),
};

export const journalFileJson: z.ZodMiniType<JournalEntry & { readonly schema: 'berth/journal/1' }, unknown> =
  z.strictObject({ schema: z.literal('berth/journal/1'), ...entryFields });

/** What `berth apply`, `undo` and `history` print with `--json`. */
export const journalListJson: z.ZodMiniType<
  {
    readonly schema: 'berth/history/1';
    readonly simulated: boolean;
    readonly entries: readonly JournalEntry[];
  },
  unknown
> = z.strictObject({
  schema: z.literal('berth/history/1'),
  simulated: z.boolean(),
  entries: z.array(z.strictObject(entryFields)),
});
