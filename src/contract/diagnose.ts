// `berth/diagnose/1`: what running guests lose, to whom, and what would help.
import * as z from 'zod/mini';
import { ADVICE, type DiagnoseReport, PIN_OBSTACLES, VERDICTS } from '#domain/diagnosis.ts';
import type { NumaNodeId } from '#domain/ids.ts';
import { cpuSetJson, mapByIdJson, nodeSetJson, unknownJson, vcpuIndexJson, vmIdJson, wholeNumber } from './values.ts';

/** From 0 to 1. */
const share = z.number().check(z.nonnegative());
const perS = z.number().check(z.nonnegative());

const vcpuJson = z.strictObject({
  index: vcpuIndexJson,
  runShare: share,
  waitShare: share,
  waitPerSliceUs: z.number(),
  involuntaryPerS: z.nullable(perS),
  voluntaryPerS: z.nullable(perS),
  migrationsPerS: z.nullable(perS),
  crossingsPerS: perS,
  awayShare: share,
  cpus: cpuSetJson,
  allowed: cpuSetJson,
});

const competitorJson = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('guest'), vmid: vmIdJson }),
  z.strictObject({ kind: z.literal('task'), pid: wholeNumber, name: z.string() }),
  z.strictObject({ kind: z.literal('itself') }),
  z.strictObject({ kind: z.literal('unseen') }),
]);

const competitionJson = z.array(z.strictObject({ who: competitorJson, share }));

const helperJson = z.strictObject({
  kind: z.enum(['iothread', 'vhost', 'emulator']),
  name: z.string(),
  tid: wholeNumber,
  runShare: share,
  waitShare: share,
  waitPerSliceUs: z.number(),
  cpus: cpuSetJson,
});

const verdictsJson = z.array(z.strictObject({ kind: z.enum(VERDICTS), share }));
const adviceJson = z.array(z.enum(ADVICE));

const containerJson = z.strictObject({
  vmid: vmIdJson,
  measure: z.strictObject({
    usedCpus: z.number().check(z.nonnegative()),
    cores: z.nullable(wholeNumber),
    allowed: cpuSetJson,
    throttledShare: share,
    throttledPeriods: z.nullable(share),
    cpuStall: z.nullable(share),
    memoryStall: z.nullable(share),
    ioStall: z.nullable(share),
    running: competitionJson,
  }),
  verdicts: verdictsJson,
  advice: adviceJson,
});

const measureJson = z.strictObject({
  vcpus: z.array(vcpuJson),
  runShare: share,
  waitShare: share,
  throttledShare: z.nullable(share),
  throttledPeriods: z.nullable(share),
  competition: competitionJson,
  helpers: z.array(helperJson),
  memory: z.nullable(
    z.strictObject({
      source: z.enum(['memory.numa_stat', 'numa_maps']),
      residentMiB: mapByIdJson<NumaNodeId, number>(wholeNumber),
      vcpuNodes: nodeSetJson,
      remoteShare: share,
    }),
  ),
  cpuStall: z.nullable(share),
  memoryStall: z.nullable(share),
  ioStall: z.nullable(share),
  interruptsPerS: z.nullable(perS),
  frequency: z.nullable(z.strictObject({ nowMHz: wholeNumber, maxMHz: wholeNumber })),
});

const guestJson = z.discriminatedUnion('state', [
  z.strictObject({
    state: z.literal('measured'),
    vmid: vmIdJson,
    measure: measureJson,
    verdicts: verdictsJson,
    advice: adviceJson,
    doNotPin: z.nullable(z.enum(PIN_OBSTACLES)),
  }),
  z.strictObject({
    state: z.enum(['stopped', 'gone', 'unreadable']),
    vmid: vmIdJson,
    reason: z.nullable(z.string()),
  }),
]);

export type DiagnoseOutput = DiagnoseReport & { readonly schema: 'berth/diagnose/1' };

export const diagnoseJson: z.ZodMiniType<DiagnoseOutput, unknown> = z.strictObject({
  schema: z.literal('berth/diagnose/1'),
  node: z.string(),
  seconds: z.number(),
  interrupted: z.boolean(),
  host: z.strictObject({
    busyShare: share,
    cpuStall: z.nullable(share),
    memoryStall: z.nullable(share),
    ioStall: z.nullable(share),
  }),
  guests: z.array(guestJson),
  containers: z.array(containerJson),
  unknown: z.array(unknownJson),
});
