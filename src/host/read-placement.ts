// Reads the placement in force: from the cluster file system, or its last good copy when that is not there.
import { placementFileJson } from '#contract/placement.ts';
import { parseJson } from '#contract/read-json.ts';
import type { Placement } from '#domain/placement.ts';
import type { TextTree } from '#domain/text-tree.ts';

export const placementPath = (node: string): string => `/etc/pve/berth/nodes/${node}/placement.json`;
export const PLACEMENT_COPY_PATH = '/var/lib/berth/placement.json';

/** Null when nothing is placed. @throws ParseError when the file is there and is not a placement: guessing would lose what the operator had set. */
export function readPlacement(tree: TextTree, node: string): Placement | null {
  const path = tree.list('/etc/pve').length > 0 ? placementPath(node) : PLACEMENT_COPY_PATH;
  const text = tree.read(path);
  if (text === null) return null;
  const { schema: _schema, appliedBy: _appliedBy, ...placement } = parseJson(placementFileJson, text, path);
  return placement;
}
