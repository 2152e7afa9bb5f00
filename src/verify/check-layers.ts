// Rules about the steps of host layers: known settings only, each from what it is to what the placement has it, and none left out.
import { type Finding, finding } from '#domain/finding.ts';
import type { LayerName } from '#domain/host-layer.ts';
import type { Inventory } from '#domain/inventory.ts';
import { isSameSetting, layerContext, wantedSetting } from '#domain/kernel-setting.ts';
import type { Plan } from '#domain/plan.ts';

export function* checkLayers({ placement, changes }: Plan, inventory: Inventory): Generator<Finding> {
  const wrong = (layer: LayerName, what: string) => finding('plan-layer-wrong', 'error', { layer, what });
  const { settings = [] } = inventory.layers ?? {};
  const context = layerContext(placement, inventory);
  const moves = changes.flatMap(change =>
    change.kind === 'layer' ? change.settings.map(move => ({ ...move, layer: change.layer })) : [],
  );
  for (const { layer, path } of moves) {
    const isKnown = settings.some(setting => setting.path === path && setting.layer === layer);
    if (!isKnown) yield wrong(layer, `${path} is none of its settings on this host`);
    if (moves.filter(move => move.path === path).length > 1) yield wrong(layer, `${path} is changed twice`);
  }
  for (const setting of settings) {
    const { layer, path, form, now } = setting;
    const move = moves.find(candidate => candidate.path === path);
    const wanted = wantedSetting(setting, context);
    if (move && move.before !== now) yield wrong(layer, `${path} is "${now}", not "${move.before}"`);
    const after = move?.after ?? now;
    // Texts of a plan are compared as they are: what they mean is known of the kernel's own alone.
    if (move ? after !== wanted : !isSameSetting(form, after, wanted))
      yield wrong(layer, `${path} would be "${after}", and is to be "${wanted}"`);
  }
}
