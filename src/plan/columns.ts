// Every way in which a guest may stand in an arrangement that is no worse than a known one, up to which of equal groups it takes.
import type { NumaNodeId } from '#domain/ids.ts';
import { movingVcpus } from './aim-values.ts';
import type { Bin, Bins } from './bins.ts';
import { room, type Taking, UNUSED } from './capacity.ts';
import { confinedShapes } from './confined-shapes.ts';
import type { CoreGroup } from './core-groups.ts';
import type { Demand } from './demand.ts';
import { distanceToDevices } from './device-distance.ts';
import { leanShapes } from './lean-shapes.ts';
import { isMoved } from './moved-guests.ts';
import { distanceWithin } from './node-sets.ts';
import {
  type AdditiveCost,
  type HostModel,
  hasRoom,
  type IsHopeless,
  makeDedicatedShape,
  mayUseCell,
  mayUseNode,
  type Room,
  type Shape,
  takingIn,
} from './shapes.ts';

/** What a guest takes of one group. */
export interface Piece extends Taking {
  readonly bin: Bin;
  readonly vcpus: number;
  readonly hasEmulator: boolean;
}

export interface Column {
  /** One of the shapes that it stands for. */
  readonly shape: Shape;
  readonly pieces: readonly Piece[];
  readonly cost: AdditiveCost;
  readonly leaving: number;
  /** As moves are limited: see `isMoved`. */
  readonly isMoved: boolean;
}

export interface ColumnInput {
  readonly host: HostModel;
  readonly bins: Bins;
  readonly empty: Room;
  /** More columns than this are not made. */
  readonly most: number;
}

/** Shapes that are looked at for each column that may be made: many are mirror images, or do not fit. */
const LOOKS = 8;

/** Null when there are too many. */
export function makeColumns(demand: Demand, input: ColumnInput, isHopeless: IsHopeless): readonly Column[] | null {
  const columns = new Map<string, Column>();
  let looked = 0;
  for (const shape of candidateShapes(demand, input, isHopeless)) {
    if (++looked > LOOKS * input.most) return null;
    if (isHopeless(shape.cost) || !hasRoom(shape, demand, input.empty)) continue;
    const column = makeColumn(shape, demand, input);
    const key = columnKey(column, demand, input.bins);
    if (!columns.has(key)) columns.set(key, column);
    if (columns.size > input.most) return null;
  }
  return [...columns.values()];
}

function makeColumn(shape: Shape, demand: Demand, { host, bins }: ColumnInput): Column {
  const pieces = shape.parts.flatMap((part): Piece[] => {
    const { group, vcpus } = part;
    const bin = bins.binOf[group.index];
    return bin ? [{ bin, vcpus, ...takingIn(part, shape, demand), hasEmulator: shape.emulator === group }] : [];
  });
  return {
    shape,
    pieces,
    cost: shape.cost,
    leaving: movingVcpus(demand, shape, host),
    isMoved: isMoved(demand, shape, host),
  };
}

function columnKey({ shape, pieces, cost, leaving, isMoved }: Column, demand: Demand, bins: Bins): string {
  const { zoneOf, cachesOf } = bins;
  const parts = pieces.map(piece => `${piece.bin.index}:${piece.whole}:${piece.odd}:${piece.hasEmulator}`).sort();
  const isLean = (node: NumaNodeId) => shape.lean?.parts.some(part => part.node === node && part.isLean) === true;
  const memory = [...shape.memoryMiB].map(([node, mib]) => `${zoneOf(node)}=${mib}${isLean(node) ? '-' : ''}`).sort();
  const cells = demand.class === 'confined' ? shape.cells.map(cell => cachesOf(cell)?.index ?? `cell ${cell}`) : [];
  return [...parts, ...memory, ...cells, ...cost, leaving, isMoved].join(' ');
}

function* candidateShapes(demand: Demand, input: ColumnInput, isHopeless: IsHopeless): Generator<Shape> {
  const { host, empty } = input;
  if (demand.class === 'confined') {
    yield* confinedShapes(demand, host, empty);
    return;
  }
  const kinds = [...new Set(host.groups.map(({ kind }) => kind))];
  for (const nodes of host.nodeSets) {
    if (!nodes.every(node => mayUseNode(demand, node))) continue;
    const base = [
      nodes.length,
      distanceWithin(host.topology, nodes),
      distanceToDevices(demand, nodes, host.topology),
    ] as const;
    if (isHopeless([...base, 0, 0, 0, 0, 0])) continue;
    let mostCaches = nodes.length;
    while (mostCaches < demand.vcpus && !isHopeless([...base, mostCaches + 1, 0, 0, 0, 0])) mostCaches++;
    for (const kind of kinds) {
      const perNode = nodes.map(node =>
        localBins(
          demand,
          input,
          host.groups.filter(group => group.node === node && group.kind === kind),
        ),
      );
      const mostGroups = mostCaches * host.mostGroupsPerCell;
      for (const parts of spread(perNode, demand.vcpus, { demand, mostGroups })) {
        const emulators = demand.emulatorCores === 0 ? [null] : parts.map(({ group }) => group);
        for (const emulator of emulators) {
          const shape = makeDedicatedShape(demand, host, { nodes, parts: inOrder(parts), emulator });
          yield shape;
          yield* leanShapes(shape, demand, host);
        }
      }
    }
  }
}

const inOrder = (parts: Shape['parts']): Shape['parts'] => [...parts].sort((a, b) => a.group.index - b.group.index);

/** Equal groups within one node, and the vCPUs of this guest for which each has room. */
interface LocalBin {
  readonly groups: readonly CoreGroup[];
  readonly room: number;
}

function localBins(demand: Demand, { host, bins }: ColumnInput, groups: readonly CoreGroup[]): readonly LocalBin[] {
  const byBin = new Map<Bin | undefined, CoreGroup[]>();
  for (const group of groups) {
    if (!mayUseCell(demand, group.cell, host)) continue;
    const bin = bins.binOf[group.index];
    byBin.set(bin, [...(byBin.get(bin) ?? []), group]);
  }
  return [...byBin.values()].map(equal => ({
    groups: equal,
    room: equal[0] ? room(equal[0], UNUSED, demand.smt) : 0,
  }));
}

interface SpreadRules {
  readonly demand: Demand;
  readonly mostGroups: number;
}

/** vCPUs over nodes in every way, each with one at least, and within each node over its groups. */
function* spread(
  perNode: ReadonlyArray<readonly LocalBin[]>,
  vcpus: number,
  rules: SpreadRules,
): Generator<Shape['parts']> {
  const [first, ...rest] = perNode;
  if (first === undefined) {
    if (vcpus === 0) yield [];
    return;
  }
  const here = capacity(first);
  const later = rest.reduce((sum, bins) => sum + capacity(bins), 0);
  for (let count = Math.max(1, vcpus - later); count <= Math.min(here, vcpus - rest.length); count++) {
    // Pairs are never torn: no two parts of them are odd.
    const isPaired = rules.demand.smt === 'pairs';
    if (isPaired && count % 2 > vcpus % 2) continue;
    for (const parts of fill(first, count, {
      ...rules,
      mostGroups: rules.mostGroups - rest.length,
      oddLeft: isPaired ? count % 2 : count,
      most: Number.POSITIVE_INFINITY,
    })) {
      for (const others of spread(rest, vcpus - count, { ...rules, mostGroups: rules.mostGroups - parts.length }))
        yield [...parts, ...others];
    }
  }
}

const capacity = (bins: readonly LocalBin[]): number =>
  bins.reduce((sum, { groups, room: each }) => sum + groups.length * each, 0);

/** Parts in one bin never grow from group to group: other orders are mirror images. */
function* fill(
  bins: readonly LocalBin[],
  vcpus: number,
  rules: SpreadRules & { readonly oddLeft: number; readonly most: number },
): Generator<Shape['parts']> {
  if (vcpus === 0) {
    yield [];
    return;
  }
  const [bin, ...later] = bins;
  if (bin === undefined || capacity(bins) < vcpus) return;
  if (rules.mostGroups * Math.max(...bins.map(({ room: each }) => each)) < vcpus) return;
  const [group, ...groups] = bin.groups;
  // The other parts in this bin are no larger.
  const others = Math.min(groups.length, rules.mostGroups - 1);
  const least = later.length === 0 ? Math.ceil(vcpus / (others + 1)) : 1;
  for (let part = Math.min(bin.room, rules.most, vcpus); part >= least && group; part--) {
    const oddLeft = rules.oddLeft - (part % 2);
    if (oddLeft < 0) continue;
    const next = [{ ...bin, groups }, ...later];
    for (const rest of fill(next, vcpus - part, { ...rules, oddLeft, most: part, mostGroups: rules.mostGroups - 1 })) {
      yield [{ group, vcpus: part }, ...rest];
    }
  }
  yield* fill(later, vcpus, { ...rules, most: Number.POSITIVE_INFINITY });
}
