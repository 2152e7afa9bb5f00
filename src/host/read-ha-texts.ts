// Reads the texts of the high-availability manager's configuration, which is the same on all nodes.
import type { TextTree } from '#domain/text-tree.ts';
import type { HaTexts } from '#proxmox/ha-rules.ts';

export function readHaTexts(tree: TextTree): HaTexts {
  const read = (name: string) => tree.read(`/etc/pve/ha/${name}.cfg`);
  return { resources: read('resources'), rules: read('rules'), groups: read('groups') };
}
