// The steps that bring settings of the kernel to where host layers want them, and back to what was found where they no longer do.
import { LAYERS } from '#domain/host-layer.ts';
import type { Inventory } from '#domain/inventory.ts';
import { layerContext, makeSettingMoves } from '#domain/kernel-setting.ts';
import type { Placement } from '#domain/placement.ts';
import type { Change } from '#domain/plan.ts';

/** One step for each layer of which something is not as it should be. */
export function layerChanges(inventory: Inventory, placement: Placement): readonly Change[] {
  const moves = makeSettingMoves(inventory.layers?.settings ?? [], layerContext(placement, inventory));
  return LAYERS.flatMap((layer): Change[] => {
    const settings = moves.get(layer);
    return settings === undefined ? [] : [{ kind: 'layer', vmid: null, layer, settings }];
  });
}
