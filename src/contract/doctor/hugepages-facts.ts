// JSON of the facts of findings about hugepages.
import * as z from 'zod/mini';
import type { HugepagesFacts } from '#domain/doctor/hugepages-facts.ts';
import { nodeSetJson, wholeNumber } from '../values.ts';
import type { FactsJson } from './facts-json.ts';

const text = z.string();
const pagesOnNode = {
  pageMiB: z.number(),
  nodes: nodeSetJson,
  neededPages: z.number(),
  freePages: wholeNumber,
  availableMiB: z.number(),
};

export const hugepagesFactsJson = {
  'hugepages-without-numa': { value: text },
  'hugepages-host-node': { key: text, nodes: nodeSetJson, twoDigits: z.boolean() },
  'hugepages-size': { value: text, problem: text, memoryMiB: z.number(), supportedMiB: z.array(z.number()) },
  'hugepages-unbound': { vcpus: wholeNumber, memoryMiB: wholeNumber, sockets: wholeNumber },
  'hugepages-short': { ...pagesOnNode, ever: z.boolean() },
  'hugepages-late': pagesOnNode,
  'hugepages-pool-freed': {
    pageMiB: z.number(),
    totalPages: wholeNumber,
    freePages: wholeNumber,
    kept: wholeNumber,
    misread: z.boolean(),
  },
} satisfies FactsJson<HugepagesFacts>;
