// `berth/isolate/1`: kernel parameters for isolation, where they are written, and what the kernel made of them.
import * as z from 'zod/mini';
import type { IsolationReport } from '#domain/boot-isolation.ts';
import type { MaybeUntried } from '#domain/untried-version.ts';
import { untriedFields } from './untried.ts';
import { cpuSetJson, nodeIdJson, vmIdJson, wholeNumber } from './values.ts';

const kind = <Kind extends string>(name: Kind) => ({ kind: z.literal(name) });
const text = z.string();
const texts = z.array(text);
const orNull = z.nullable(text);
const vmids = z.array(vmIdJson);

const loaderJson = z.enum(['grub', 'grub-on-esp', 'systemd-boot']);
const whyUnknown = z.enum(['no-sign', 'signs-differ', 'unmanaged', 'no-defaults']);
const signs = z.array(z.strictObject({ source: text, text }));
const words = z.array(text.check(z.regex(/^[\w.,:=-]+$/)));

export const bootEditFields = {
  loader: loaderJson,
  before: orNull,
  after: orNull,
  words: z.strictObject({ before: words, after: words }),
};

const poolFields = { node: nodeIdJson, sizeKiB: wholeNumber };

const parameterJson = z.discriminatedUnion('name', [
  z.strictObject({ name: z.literal('isolcpus'), words: texts, vmids }),
  z.strictObject({ name: z.enum(['nohz_full', 'rcu_nocbs']), words: texts }),
  z.strictObject({ name: z.literal('irqaffinity'), words: texts }),
  z.strictObject({
    name: z.literal('hugepages'),
    words: texts,
    pools: z.array(z.strictObject({ ...poolFields, pages: wholeNumber, vmids })),
  }),
]);

const planJson = z.strictObject({
  cpus: cpuSetJson,
  rest: cpuSetJson,
  parameters: z.array(parameterJson),
  leftParameters: z.array(
    z.strictObject({
      name: z.enum(['isolcpus', 'nohz_full', 'rcu_nocbs', 'irqaffinity', 'hugepages']),
      why: z.enum(['kernel-lacks', 'kernel-unknown', 'by-node', 'present']),
    }),
  ),
  leftCpus: z.array(
    z.strictObject({ cpus: cpuSetJson, vmids, why: z.enum(['boot-core', 'container', 'shared-core']) }),
  ),
});

const obstacleJson = z.discriminatedUnion('kind', [
  z.strictObject({ ...kind('loader'), why: whyUnknown }),
  z.strictObject({
    ...kind('conflict'),
    words: z.array(z.strictObject({ word: text, file: text, line: wholeNumber })),
  }),
  z.strictObject({ ...kind('overridden'), file: text }),
  z.strictObject({ ...kind('no-kernel-line'), isMissing: z.boolean() }),
  z.strictObject(kind('open-quote')),
]);

const parameter = { parameter: text };
const log = { log: orNull };

const problemJson = z.discriminatedUnion('kind', [
  z.strictObject({ ...kind('doubled'), ...parameter, values: texts }),
  z.strictObject({ ...kind('boot-cpu'), ...parameter, cpus: cpuSetJson, ...log }),
  z.strictObject({ ...kind('shortened'), ...parameter, asked: cpuSetJson, taken: cpuSetJson, ...log }),
  z.strictObject({ ...kind('unsupported'), ...parameter, ...log }),
  z.strictObject({ ...kind('open-siblings'), cpus: cpuSetJson, siblings: cpuSetJson }),
  z.strictObject({ ...kind('not-isolated'), cpus: cpuSetJson }),
  z.strictObject({ ...kind('pool-short'), ...poolFields, asked: wholeNumber, taken: wholeNumber }),
]);

const adviceJson = z.discriminatedUnion('kind', [
  z.strictObject({
    ...kind('partition'),
    support: z.enum(['trusted', 'no-cgroup2', 'no-remote-partitions', 'old-kernel']),
  }),
  z.strictObject({ ...kind('lost'), cpus: cpuSetJson }),
  z.strictObject(kind('agent-off')),
  z.strictObject({ ...kind('unused'), cpus: cpuSetJson }),
]);

interface IsolateOutput extends IsolationReport, MaybeUntried {
  readonly schema: 'berth/isolate/1';
  readonly simulated: boolean;
  /** The words of the plan, as they stand on a kernel's command line. */
  readonly commandLine: string;
  /** The journal entries that this call has made. */
  readonly entries: readonly string[];
}

/** `edit` is what would be written; null when nothing is, or when it cannot be. */
export const isolateJson: z.ZodMiniType<IsolateOutput, unknown> = z.strictObject({
  schema: z.literal('berth/isolate/1'),
  simulated: z.boolean(),
  node: text,
  state: z.enum(['none', 'planned', 'reboot-needed', 'verified', 'not-as-asked']),
  commandLine: text,
  plan: planJson,
  loader: z.discriminatedUnion('kind', [
    z.strictObject({ ...kind('found'), loader: loaderJson, signs }),
    z.strictObject({ ...kind('unknown'), why: whyUnknown, signs }),
  ]),
  obstacle: z.nullable(obstacleJson),
  edit: z.nullable(z.strictObject(bootEditFields)),
  written: texts,
  running: texts,
  problems: z.array(problemJson),
  advice: z.array(adviceJson),
  entries: texts,
  ...untriedFields,
}) as never;
