// The arrangement that the guests are in now, as shapes: what the search has to beat.
import { room, UNUSED } from './capacity.ts';
import { makeConfinedShape } from './confined-shapes.ts';
import type { CoreGroup } from './core-groups.ts';
import type { Demand } from './demand.ts';
import { leanShape, presentLean } from './lean-shapes.ts';
import { countByGroup } from './moved-guests.ts';
import { type HostModel, makeDedicatedShape, type Shape } from './shapes.ts';

/** One shape per demand; null when one of them is not placed yet, or not in a way that the search could have chosen. */
export function presentShapes(demands: readonly Demand[], host: HostModel): readonly Shape[] | null {
  const shapes: Shape[] = [];
  for (const demand of demands) {
    const shape = presentShape(demand, host);
    if (shape === null) return null;
    shapes.push(shape);
  }
  return shapes;
}

export const presentShape = (demand: Demand, host: HostModel): Shape | null =>
  demand.class === 'dedicated' ? presentDedicated(demand, host) : presentConfined(demand, host);

function presentDedicated(demand: Demand, host: HostModel): Shape | null {
  if (demand.vcpus === 0 || demand.present.size < demand.vcpus) return null;
  const vcpusOn = countByGroup(demand, host);
  const parts = [...vcpusOn]
    .flatMap(([index = -1, vcpus]) => {
      const group = host.groups[index];
      return group === undefined ? [] : [{ group, vcpus }];
    })
    .sort((a, b) => a.group.index - b.group.index);
  if (parts.reduce((sum, part) => sum + part.vcpus, 0) !== demand.vcpus) return null;
  if (new Set(parts.map(part => part.group.kind)).size > 1) return null;
  // Where it runs now need not be where its policy lets it be: pairs on cores with one thread, say.
  if (parts.some(({ group, vcpus }) => vcpus > room(group, UNUSED, demand.smt))) return null;
  const used = new Set(parts.map(part => part.group.node));
  const nodes = host.nodeSets.find(set => set.length === used.size && set.every(node => used.has(node)));
  if (!nodes || (demand.smt === 'pairs' && parts.filter(part => part.vcpus % 2 === 1).length > 1)) return null;
  const shape = makeDedicatedShape(demand, host, { nodes, parts, emulator: presentEmulatorGroup(demand, parts) });
  return leanShape(shape, presentLean(shape, demand, host), { demand, host }) ?? shape;
}

/** Null when it asks for none; where it should have cores and has none yet, among most of its vCPUs. */
function presentEmulatorGroup({ emulatorCores, presentEmulator }: Demand, parts: Shape['parts']): CoreGroup | null {
  if (emulatorCores === 0) return null;
  const byVcpus = [...parts].sort((a, b) => b.vcpus - a.vcpus);
  const isHere = ({ group }: Shape['parts'][number]) =>
    group.cores.some(core => !core.cpus.isDisjointFrom(presentEmulator));
  return (byVcpus.find(isHere) ?? byVcpus[0])?.group ?? null;
}

function presentConfined(demand: Demand, host: HostModel): Shape | null {
  const [node, ...more] = demand.presentNodes;
  if (node === undefined || more.length > 0) return null;
  const ofNode = host.cells.filter(cell => cell.node === node);
  const cells = demand.span === 'node' ? ofNode : ofNode.filter(cell => !cell.cpus.isDisjointFrom(demand.present));
  if (demand.span === 'llc' && cells.length !== 1) return null;
  return makeConfinedShape(demand, host, { node, cells: cells.map(cell => cell.index) });
}
