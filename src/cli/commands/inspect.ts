// `berth inspect`: the host as it is.
import { publishTopology } from '#apply/publish-topology.ts';
import { encodeInspect } from '#contract/inspect.ts';
import type { Inventory } from '#domain/inventory.ts';
import type { JournalEntry } from '#domain/journal.ts';
import { readInventory } from '#host/read-inventory.ts';
import { topologyPath } from '#host/read-node-facts.ts';
import { renderHostMap } from '#report/host-map.ts';
import { renderHostMapSvg } from '#report/host-map-svg.ts';
import { makeHostMapView } from '#report/host-map-view.ts';
import type { CommandContext, ExitCode } from '../command-context.ts';
import { printMap } from '../print-map.ts';

export interface InspectOptions {
  readonly svg?: string | true;
  /** Also tell the other nodes what this one is, for `berth migrate-check`. */
  readonly publish?: boolean;
}

/** 1 when it was not published. */
export async function inspect(context: CommandContext, { svg, publish = false }: InspectOptions): Promise<ExitCode> {
  const inventory = await readInventory(context.host, { residentMemory: true, pciDevices: true });
  const published = publish ? await publishTopology(inventory, context) : null;
  if (publish) context.tell(describePublished(published, topologyPath(inventory.node)));
  printInventory(context, inventory, svg);
  return published === null || published.state === 'done' ? 0 : 1;
}

const describePublished = (entry: JournalEntry | null, path: string): string =>
  entry === null ? `${path} says so already\n` : `${path}: ${entry.steps[0]?.error ?? `written (entry ${entry.id})`}\n`;

function printInventory(context: CommandContext, inventory: Inventory, svg: string | true | undefined): void {
  if (context.json) {
    context.print(`${JSON.stringify(encodeInspect(inventory), null, 2)}\n`);
    return;
  }
  const view = makeHostMapView(inventory);
  printMap(context, {
    svg,
    renderText: () => renderHostMap(view, context),
    renderSvg: () => renderHostMapSvg(view),
  });
}
