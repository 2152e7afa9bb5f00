// Are the settings of host layers what the placement asks for, and which kernel threads stay on dedicated CPUs all the same?
import { type Finding, finding } from '#domain/finding.ts';
import type { KernelSetting } from '#domain/host-layer.ts';
import { cpuSet, unionOf } from '#domain/id-set.ts';
import type { Inventory } from '#domain/inventory.ts';
import { isSameSetting, layerContext, wantedSetting } from '#domain/kernel-setting.ts';
import type { Placement } from '#domain/placement.ts';

/** One finding for each layer and way in which it deviates: hosts have hundreds of CPUs and threads. */
export function* verifyLayers(inventory: Inventory, placement: Placement): Generator<Finding> {
  if (inventory.layers === undefined) return;
  const context = layerContext(placement, inventory);
  const ways = new Map<
    string,
    { readonly setting: KernelSetting; readonly wanted: string; readonly paths: string[] }
  >();
  for (const setting of inventory.layers.settings) {
    const { layer, form, now, path } = setting;
    const wanted = wantedSetting(setting, context);
    if (isSameSetting(form, now, wanted)) continue;
    const key = [layer, now, wanted].join('\t');
    const way = ways.get(key) ?? { setting, wanted, paths: [] };
    way.paths.push(path);
    ways.set(key, way);
  }
  for (const { setting, wanted, paths } of ways.values()) {
    const { layer, now } = setting;
    yield finding('layer-deviates', 'warning', { layer, settings: paths, found: now, wanted });
  }
  yield* boundThreads(inventory, placement, cpuSet(context.reserved.keys()));
}

function* boundThreads({ layers }: Inventory, placement: Placement, reserved: ReturnType<typeof cpuSet>) {
  if (placement.layers?.kernelThreads === undefined) return;
  const there = (layers?.boundThreads ?? []).filter(({ allowed }) => !allowed.isDisjointFrom(reserved));
  if (there.length === 0) return;
  const names = [...new Set(there.map(({ name }) => nameOfKind(name)))].sort();
  const cpus = unionOf(there.map(({ allowed }) => allowed)).intersection(reserved);
  yield finding('kernel-threads-stay', 'note', { cpus, names });
}

/** `ksoftirqd/4` is one of many, `kworker/R-…` a rescuer, and `kworker/u16:2-events_unbound` changes its name with its work. */
const nameOfKind = (name: string): string => name.replace(/^kworker\/(u|R|).*$/, 'kworker/$1*').replace(/\d+$/, '*');
