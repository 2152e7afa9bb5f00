// What to know of host layers beside a plan: those that this host does not have, and what must be set when a module is loaded.
import { type Finding, finding } from '#domain/finding.ts';
import { LAYERS } from '#domain/host-layer.ts';
import type { Inventory } from '#domain/inventory.ts';
import type { Placement } from '#domain/placement.ts';

export function* layerAdvice({ layers: state, storage }: Inventory, { layers = {} }: Placement): Generator<Finding> {
  if (state === undefined) return;
  for (const layer of LAYERS) {
    if (layers[layer] === undefined || state.settings.some(setting => setting.layer === layer)) continue;
    yield finding('advice-layer-absent', 'note', { layer });
  }
  const pools = storage?.zfsPools ?? 0;
  if (layers.kernelThreads !== undefined && pools > 0) yield finding('advice-zfs-threads', 'note', { pools });
}
