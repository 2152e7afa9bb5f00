// JSON of the facts of findings about CPUs, memory and devices on different nodes.
import * as z from 'zod/mini';
import type { LocalityFacts } from '#domain/doctor/locality-facts.ts';
import { cpuSetJson, nodeSetJson, wholeNumber } from '../values.ts';
import type { FactsJson } from './facts-json.ts';

const text = z.string();

export const localityFactsJson = {
  'memory-remote': {
    by: z.enum(['config', 'resident']),
    cpus: cpuSetJson,
    cpuNodes: nodeSetJson,
    memoryNodes: nodeSetJson,
    remoteMiB: z.nullable(z.number()),
  },
  'device-remote': {
    devices: z.array(z.strictObject({ key: text, address: text, nodes: nodeSetJson })),
    near: nodeSetJson,
    by: z.enum(['cpus', 'memory']),
  },
  'guest-spans-nodes': {
    by: z.enum(['affinity', 'host-nodes']),
    nodes: nodeSetJson,
    vcpus: wholeNumber,
    memoryMiB: wholeNumber,
    fits: nodeSetJson,
  },
  'sockets-split-guest': { sockets: wholeNumber, cores: wholeNumber },
} satisfies FactsJson<LocalityFacts>;
