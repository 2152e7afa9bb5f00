// The steps that record a placement: in the cluster file system, and as the last good copy of this node.
import { placementFileJson } from '#contract/placement.ts';
import { encodeJson } from '#contract/read-json.ts';
import { topologyFileJson } from '#contract/topology.ts';
import type { Inventory } from '#domain/inventory.ts';
import type { StepRecord } from '#domain/journal.ts';
import type { Placement } from '#domain/placement.ts';
import type { Host } from '#host/host.ts';
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
  const topology = encodeJson(topologyFileJson, {
    schema: 'berth/topology/1',
    node: inventory.node,
    ...inventory.topology,
  });
  const directory = `/etc/pve/berth/nodes/${inventory.node}`;
  const files: [path: string, text: string][] = [
    [`${directory}/topology.json`, topology],
    [placementPath(inventory.node), text],
    [PLACEMENT_COPY_PATH, text],
  ];
  return files.flatMap(([path, after]): StepRecord[] => {
    const before = host.read(path);
    return before !== null && withoutAuthor(before) === withoutAuthor(after)
      ? []
      : [{ kind: 'file', vmid: null, path, before, after, config: null }];
  });
}

/** A placement stays the work of the apply that made it, until it says something else. */
const withoutAuthor = (text: string): string => text.replace(/^ {2}"appliedBy": "\d+",\n/m, '');
