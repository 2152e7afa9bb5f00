// Would a VM still start after its config was edited? Plays its next start with and without the edits.
import type { VmGuest } from '#domain/guest.ts';
import { nodeSet } from '#domain/id-set.ts';
import type { Inventory } from '#domain/inventory.ts';
import type { ConfigEdit } from '#domain/plan.ts';
import { parseDeletions } from './config-value.ts';
import { predictStart } from './predict-start.ts';
import type { StartHost } from './start-host.ts';
import type { StartProblem } from './start-problem.ts';
import { VM_CONFIG_SCHEMA } from './vm-config-schema.ts';
import { parseVmConfig } from './vm-config-view.ts';

/** What stops the start with the edits and did not without them; null when they break nothing. */
export function startBrokenBy(edits: readonly ConfigEdit[], guest: VmGuest, host: StartHost): StartProblem | null {
  const before = nextValues(guest.text);
  const after = new Map(before);
  for (const edit of edits) edit.after === null ? after.delete(edit.key) : after.set(edit.key, edit.after);
  const stopped = predictStart(after, host).problems.find(({ severity }) => severity === 'error');
  if (stopped === undefined) return null;
  const isOld = predictStart(before, host).problems.some(({ code }) => code === stopped.code);
  return isOld ? null : stopped;
}

/** The values of the next start: those of the main section, changed by what is pending. */
export function nextValues(text: string): Map<string, string> {
  const { main, pending } = parseVmConfig(text, VM_CONFIG_SCHEMA);
  const values = new Map([...main.values, ...(pending?.values ?? [])]);
  for (const key of parseDeletions(pending?.values.get('delete'))) values.delete(key);
  values.delete('delete');
  return values;
}

/** The node as a start sees it. */
export function makeStartHost({ topology, memory }: Pick<Inventory, 'topology' | 'memory'>): StartHost {
  return {
    onlineCpus: topology.online,
    nodes: nodeSet(topology.nodes.map(({ id }) => id)),
    memoryNodes: nodeSet(topology.nodes.filter(({ memoryMiB }) => memoryMiB !== 0).map(({ id }) => id)),
    hugepageSizesKiB: new Set(memory.flatMap(({ hugepages }) => [...hugepages.keys()])),
    physicalAddressBits: topology.physicalAddressBits ?? null,
  };
}
