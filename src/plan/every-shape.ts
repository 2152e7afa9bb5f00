// Every way in which one guest can stand on the host as it is in the middle of the search, the best first.
import type { CoreKind } from '#domain/host-topology.ts';
import { room, UNUSED } from './capacity.ts';
import { confinedShapes } from './confined-shapes.ts';
import type { CoreGroup } from './core-groups.ts';
import type { Demand } from './demand.ts';
import { distanceToDevices } from './device-distance.ts';
import { leanShapes } from './lean-shapes.ts';
import { distanceWithin } from './node-sets.ts';
import {
  type HostModel,
  hasRoom,
  type IsHopeless,
  makeDedicatedShape,
  mayUseCell,
  mayUseNode,
  type Room,
  type Shape,
} from './shapes.ts';

export function shapesOf(demand: Demand, host: HostModel, left: Room, isHopeless: IsHopeless): Generator<Shape> {
  return demand.class === 'dedicated'
    ? dedicatedShapes(demand, host, left, isHopeless)
    : confinedShapes(demand, host, left);
}

const KINDS: readonly CoreKind[] = ['performance', 'uniform', 'efficiency'];

/**
 * 1. For every set of nodes, nearest first, and every kind of core,
 * 2. for every number of core groups, fewest first, and every choice of that many groups that touches each node,
 * 3. for every split of the vCPUs over those groups, most even first, and every group for emulator cores if it has some:
 *    a shape, if cores and memory are there. Choices that differ only in which of several equal groups they take come once.
 */
function* dedicatedShapes(demand: Demand, host: HostModel, left: Room, isHopeless: IsHopeless): Generator<Shape> {
  const all = usableGroups(host, demand, left);
  const kinds = KINDS.filter(kind => all.some(entry => entry.group.kind === kind));
  for (const nodes of host.nodeSets.filter(set => set.every(node => mayUseNode(demand, node)))) {
    const within = distanceWithin(host.topology, nodes);
    const toDevices = distanceToDevices(demand, nodes, host.topology);
    if (isHopeless([nodes.length, within, toDevices, 0, 0, 0, 0, 0])) continue;
    for (const kind of kinds) {
      const usable = all.filter(({ group }) => group.kind === kind && nodes.includes(group.node));
      if (sumRoom(usable) < demand.vcpus) continue;
      for (let count = nodes.length; count <= Math.min(usable.length, demand.vcpus); count++) {
        const llcs = Math.ceil(count / host.mostGroupsPerCell);
        if (isHopeless([nodes.length, within, toDevices, llcs, 0, 0, 0, 0])) break;
        for (const chosen of choicesOf(usable, { count, vcpus: demand.vcpus })) {
          if (isHopeless([nodes.length, within, toDevices, llcs, 0, 0, 0, 0])) break;
          if (!nodes.every(node => chosen.some(entry => entry.group.node === node))) continue;
          const cells = new Set(chosen.map(({ group }) => group.cell)).size;
          if (isHopeless([nodes.length, within, toDevices, cells, 0, 0, 0, 0])) continue;
          for (const split of splits(
            demand,
            chosen.map(entry => entry.room),
          )) {
            const parts = chosen.map((entry, index) => ({ group: entry.group, vcpus: split[index] ?? 0 }));
            for (const emulator of emulatorGroups(demand, parts)) {
              const shape = makeDedicatedShape(demand, host, { nodes, parts, emulator });
              if (hasRoom(shape, demand, left)) yield shape;
              for (const lean of leanShapes(shape, demand, host)) {
                if (!isHopeless(lean.cost) && hasRoom(lean, demand, left)) yield lean;
              }
            }
          }
        }
      }
    }
  }
}

/** So many groups with room for so many vCPUs, in lexicographic order; equal ones from the first. */
function* choicesOf(
  usable: readonly Usable[],
  { count, vcpus }: { count: number; vcpus: number },
  chosen: readonly Usable[] = [],
  from = 0,
): Generator<readonly Usable[]> {
  if (count === 0) {
    if (vcpus <= 0) yield chosen;
    return;
  }
  const most = Math.max(0, ...usable.slice(from).map(({ room: each }) => each));
  if (count * most < vcpus) return;
  for (let next = from; next <= usable.length - count; next++) {
    const entry = usable[next];
    if (entry === undefined || (entry.twin !== null && !chosen.includes(entry.twin))) continue;
    yield* choicesOf(usable, { count: count - 1, vcpus: vcpus - entry.room }, [...chosen, entry], next + 1);
  }
}

const sumRoom = (entries: readonly Usable[]): number => entries.reduce((sum, entry) => sum + entry.room, 0);

interface Usable {
  readonly group: CoreGroup;
  readonly room: number;
  /** The nearest earlier entry that is the same in every respect; taking this one without that is the mirror image of another choice. */
  readonly twin: Usable | null;
}

function usableGroups(host: HostModel, demand: Demand, left: Room): readonly Usable[] {
  const states = host.groups.map(group => {
    const { whole, odd } = left.usage[group.index] ?? UNUSED;
    return [group.kind, group.threads, group.openThreads, group.cores.length, whole, odd, host.held[group.index]].join(
      ' ',
    );
  });
  const latest = new Map<string, Usable>();
  return host.groups.flatMap(group => {
    const vcpus = room(group, left.usage[group.index] ?? UNUSED, demand.smt);
    if (vcpus === 0 || !mayUseCell(demand, group.cell, host)) return [];
    const cell = host.groupsOfCell[group.cell] ?? [];
    const signature = [
      group.node,
      host.cells[group.cell]?.cpus.size,
      host.cells[group.cell]?.isLarge,
      states[group.index],
      ...cell.map(other => states[other.index]),
    ].join('/');
    const entry = { group, room: vcpus, twin: latest.get(signature) ?? null };
    latest.set(signature, entry);
    return [entry];
  });
}

/** All ways to give each part at least one vCPU and at most its room, most even first. With `pairs` at most one part is odd: a pair is never torn. */
function* splits(demand: Demand, rooms: readonly number[]): Generator<number[]> {
  const last = rooms.length - 1;
  const later = rooms.map((_, index) => rooms.slice(index + 1).reduce((sum, room) => sum + room, 0));
  const oddParts = demand.smt === 'pairs' ? demand.vcpus % 2 : rooms.length;
  function* fill(index: number, remaining: number, oddLeft: number): Generator<number[]> {
    const fair = remaining / (rooms.length - index);
    const least = Math.max(1, remaining - (later[index] ?? 0));
    const most = Math.min(rooms[index] ?? 0, remaining - (last - index));
    const values: number[] = [];
    for (let value = least; value <= most; value++) values.push(value);
    values.sort((a, b) => Math.abs(a - fair) - Math.abs(b - fair) || a - b);
    for (const value of values) {
      if (value % 2 > oddLeft) continue;
      if (index === last) yield [value];
      else for (const rest of fill(index + 1, remaining - value, oddLeft - (value % 2))) yield [value, ...rest];
    }
  }
  yield* fill(0, demand.vcpus, oddParts);
}

/** Emulator cores stand in one of the guest's groups, rather in one with many of its vCPUs. */
function emulatorGroups({ emulatorCores }: Demand, parts: Shape['parts']): ReadonlyArray<CoreGroup | null> {
  if (emulatorCores === 0) return [null];
  return [...parts].sort((a, b) => b.vcpus - a.vcpus).map(({ group }) => group);
}
