// JSON of the facts of findings about host nodes and bound memory.
import * as z from 'zod/mini';
import type { HostNodesFacts } from '#domain/doctor/host-nodes-facts.ts';
import { nodeSetJson, vmIdJson } from '../values.ts';
import type { FactsJson } from './facts-json.ts';

const text = z.string();
const keys = z.array(text);
const vmids = z.array(vmIdJson);
/** Of `numaN` lines, which may have fractions. */
const sizeMiB = z.number();

export const hostNodesFactsJson = {
  'host-node-absent': { key: text, absent: nodeSetJson, present: nodeSetJson },
  'host-node-without-memory': { key: text, nodes: nodeSetJson, withMemory: nodeSetJson },
  'host-nodes-garbled': {
    lines: z.array(z.strictObject({ key: text, written: nodeSetJson, bound: nodeSetJson })),
  },
  'host-nodes-refused': { key: text, value: text },
  'host-nodes-without-policy': { key: text, nodes: nodeSetJson },
  'policy-without-host-nodes': { keys },
  'bind-too-large': { keys, nodes: nodeSetJson, memoryMiB: sizeMiB, totalMiB: sizeMiB },
  'bind-over-free': { keys, nodes: nodeSetJson, wantedMiB: sizeMiB, availableMiB: sizeMiB },
  'node-memory-overcommitted': { nodes: nodeSetJson, vmids, binding: vmids, wantedMiB: sizeMiB, totalMiB: sizeMiB },
} satisfies FactsJson<HostNodesFacts>;
