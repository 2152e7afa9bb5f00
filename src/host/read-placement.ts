// Reads the placement in force: from the cluster file system, or its last good copy when that is not there.
import { placementFileJson } from '#contract/placement.ts';
import { parseJson } from '#contract/read-json.ts';
import type { Placement } from '#domain/placement.ts';
import type { TextTree } from '#domain/text-tree.ts';

export const placementPath = (node: string): string => `/etc/pve/berth/nodes/${node}/placement.json`;
export const PLACEMENT_COPY_PATH = '/var/lib/berth/placement.json';

/** Null when nothing is placed. @throws ParseError when the file is there and is not a placement: guessing would lose what the operator had set. */
export const readPlacement = (tree: TextTree, node: string): Placement | null => makePlacementReader(tree, node)();

/** For whoever reads it again and again: the same value as long as the text is the same. */
export function makePlacementReader(tree: TextTree, node: string): () => Placement | null {
  let last: { readonly text: string; readonly placement: Placement } | null = null;
  return () => {
    const path = tree.list('/etc/pve').length > 0 ? placementPath(node) : PLACEMENT_COPY_PATH;
    const text = tree.read(path);
    if (text === null) return null;
    if (last?.text !== text) {
      const { schema: _schema, appliedBy: _appliedBy, ...placement } = parseJson(placementFileJson, text, path);
      last = { text, placement };
    }
    return last.placement;
  };
}
