// `berth/measurement/1`: one latency run, kept beside the plan that it judges.
import * as z from 'zod/mini';
import { cpuSetJson, vmIdJson, wholeNumber } from './values.ts';

const histogramJson = z.strictObject({
  /** HDR histogram, V2 compressed, base64. */
  hdr: z.string(),
  count: wholeNumber,
  p50Us: z.number(),
  p99Us: z.number(),
  p999Us: z.number(),
  p9999Us: z.number(),
  maxUs: z.number(),
});

export const measurementJson = z.strictObject({
  schema: z.literal('berth/measurement/1'),
  node: z.string(),
  vmid: vmIdJson,
  mode: z.enum(['guest', 'ssh', 'host', 'import']),
  startedAt: z.string(),
  /** The journal entry whose placement was in force in the planned phases. */
  plan: z.nullable(z.string()),
  phases: z.array(
    z.strictObject({
      name: z.enum(['asFound', 'asPlanned']),
      seconds: z.number(),
      vcpus: z.array(z.strictObject({ vcpu: wholeNumber, cpus: cpuSetJson, latency: histogramJson })),
    }),
  ),
});
