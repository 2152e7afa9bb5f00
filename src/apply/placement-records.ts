// The steps that record a placement: in the cluster file system, and as the last good copy of this node.
import { placementFileJson } from '#contract/placement.ts';
import { encodeJson } from '#contract/read-json.ts';
import { encodeNodeFacts } from '#contract/topology.ts';
import type { Inventory } from '#domain/inventory.ts';
import type { StepRecord } from '#domain/journal.ts';
import type { Placement } from '#domain/placement.ts';
import type { Host } from '#host/host.ts';
import { readNodeFacts, topologyPath } from '#host/read-node-facts.ts';
import { PLACEMENT_COPY_PATH, placementPath } from '#host/read-placement.ts';

export function placementRecords(
  placement: Placement,
  inventory: Inventory,
  { host, entryId }: { host: Host; entryId: string },
): StepRecord[] {
  const text = encodeJson(placementFileJson, {
    schema: 'berth/placement/1',
    appliedBy: entryId,
    ...placement,
  });
  return [
    ...topologyRecords(inventory, host),
    ...replaceFile(placementPath(inventory.node), text, host),
    ...replaceFile(PLACEMENT_COPY_PATH, text, host),
  ];
}

/** The step that publishes what this node is; none when that is published already. */
export function topologyRecords(inventory: Inventory, host: Host): StepRecord[] {
  return replaceFile(topologyPath(inventory.node), encodeNodeFacts(readNodeFacts(host, inventory)), host);
}

function replaceFile(path: string, after: string, host: Host): StepRecord[] {
  const before = host.read(path);
  const isSame = before !== null && withoutAuthor(before) === withoutAuthor(after);
  return isSame ? [] : [{ kind: 'file', vmid: null, path, before, after, config: null }];
}

/** A placement stays the work of the apply that made it, until it says something else. */
const withoutAuthor = (text: string): string => text.replace(/^ {2}"appliedBy": "\d+",\n/m, '');
