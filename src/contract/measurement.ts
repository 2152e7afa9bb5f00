// `berth/measurement/1`: one latency run, kept beside the placement that it judges.
import * as z from 'zod/mini';
import type { Measurement } from '#domain/measurement.ts';
import { changeJson } from './plan.ts';
import { topologyJson } from './topology.ts';
import { cpuSetJson, vmIdJson, wholeNumber } from './values.ts';

const orNull = z.nullable(z.string());
const figures = { count: wholeNumber, p50Us: z.number(), p99Us: z.number() };

const histogramJson = z.strictObject({
  /** HDR histogram, V2 compressed, base64; its values are nanoseconds. */
  hdr: z.string(),
  ...figures,
  p999Us: z.number(),
  p9999Us: z.number(),
  maxUs: z.number(),
});

const phaseJson = z.enum(['asFound', 'asPlanned', 'asFoundAgain']);

const vcpuJson = z.strictObject({
  vcpu: wholeNumber,
  cpus: cpuSetJson,
  latency: histogramJson,
  migrations: z.nullable(wholeNumber),
  preemptions: z.nullable(wholeNumber),
});

const blockJson = z.strictObject({
  phase: phaseJson,
  round: wholeNumber,
  startedAt: z.string(),
  seconds: z.number(),
  all: histogramJson,
  vcpus: z.array(vcpuJson),
  intervals: z.array(z.strictObject({ atS: z.number(), ...figures, maxUs: z.number() })),
  lost: wholeNumber,
});

const estimateJson = z.strictObject({ value: z.number(), low: z.number(), high: z.number() });

const comparisonJson = z.strictObject({
  verdict: z.enum(['better', 'worse', 'mixed', 'no-difference', 'too-little']),
  rounds: wholeNumber,
  confidence: z.number(),
  percentiles: z.array(
    z.strictObject({
      percentile: z.union([z.literal(50), z.literal(99), z.literal(99.9), z.literal(99.99)]),
      asFoundUs: estimateJson,
      asPlannedUs: estimateJson,
      ratio: estimateJson,
      noise: estimateJson,
      pValue: z.number(),
    }),
  ),
  cliffsDelta: z.nullable(estimateJson),
  distributionPValue: z.nullable(z.number()),
});

/** The whole file, and `berth bench --json`. */
export const measurementJson: z.ZodMiniType<Measurement & { readonly schema: 'berth/measurement/1' }, unknown> =
  z.strictObject({
    schema: z.literal('berth/measurement/1'),
    id: z.string(),
    node: z.string(),
    vmid: vmIdJson,
    guestName: orNull,
    mode: z.enum(['guest', 'ssh', 'host', 'import']),
    instrument: z.enum(['sched-trace', 'schedstat', 'cyclictest', 'hdr-log']),
    startedAt: z.string(),
    finishedAt: z.string(),
    endedEarly: orNull,
    /** The journal entry of the first block as planned. */
    plan: orNull,
    changes: z.array(changeJson),
    commands: z.array(z.string()),
    omissionCorrectedUs: z.nullable(z.number()),
    load: z.nullable(z.strictObject({ kind: z.enum(['stress-ng', 'built-in']), workers: wholeNumber })),
    host: z.strictObject({
      kernel: orNull,
      bootCommandLine: orNull,
      governors: z.array(z.string()),
      memoryMiB: wholeNumber,
      topology: z.nullable(topologyJson),
    }),
    blocks: z.array(blockJson),
    phases: z.array(
      z.strictObject({
        name: phaseJson,
        seconds: z.number(),
        emulator: z.nullable(cpuSetJson),
        all: histogramJson,
        vcpus: z.array(vcpuJson),
      }),
    ),
    comparison: z.nullable(comparisonJson),
  });

/** `berth bench --list`, oldest first, and `--compare`, as they were named. */
export const measurementListJson = z.strictObject({
  schema: z.literal('berth/measurements/1'),
  measurements: z.array(measurementJson),
});
