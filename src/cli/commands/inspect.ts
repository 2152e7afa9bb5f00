// `berth inspect`: the host as it is.
import { encodeInspect } from '#contract/inspect.ts';
import { readInventory } from '#host/read-inventory.ts';
import { renderHostMap } from '#report/host-map.ts';
import { renderHostMapSvg } from '#report/host-map-svg.ts';
import { makeHostMapView } from '#report/host-map-view.ts';
import type { CommandContext, ExitCode } from '../command-context.ts';
import { printMap } from '../print-map.ts';

export async function inspect(context: CommandContext, { svg }: { svg?: string | true }): Promise<ExitCode> {
  const inventory = await readInventory(context.host, { residentMemory: true, pciDevices: true });
  if (context.json) {
    context.print(`${JSON.stringify(encodeInspect(inventory), null, 2)}\n`);
    return 0;
  }
  const view = makeHostMapView(inventory);
  printMap(context, {
    svg,
    renderText: () => renderHostMap(view, context),
    renderSvg: () => renderHostMapSvg(view),
  });
  return 0;
}
