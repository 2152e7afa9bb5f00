// Core groups that need not be told apart: a proof counts how they are filled instead of choosing among them.
import type { NumaNodeId } from '#domain/ids.ts';
import type { CoreGroup } from './core-groups.ts';
import type { HostModel } from './shapes.ts';

/** Equal core groups of one zone. */
export interface Bin {
  readonly index: number;
  readonly zone: string;
  readonly groups: readonly CoreGroup[];
  /** Cores of each group. */
  readonly cores: number;
  readonly threads: number;
  /** As in its groups. */
  readonly openThreads: number;
}

export interface Bins {
  readonly bins: readonly Bin[];
  /** By core group. */
  readonly binOf: readonly Bin[];
  readonly zoneOf: (node: NumaNodeId) => string;
  /** The bin of a cache and its equals, where confined guests need not be told which of them they are in; else null. */
  readonly cachesOf: (cell: number) => Bin | null;
}

/**
 * `like`: equal nodes are one zone, which leaves more room than there is and so gives lower bounds. `each`: every node is its own.
 * `groups`: so is every core group.
 */
export type Zoning = 'like' | 'each' | 'groups';

/** `apart`: a node that is a zone of its own in any case. With `isHeld` groups differ also by who is on them now. */
export function makeBins(
  host: HostModel,
  {
    zoning,
    apart,
    isHeld,
    countsCrowds,
  }: { zoning: Zoning; apart: NumaNodeId | null; isHeld: boolean; countsCrowds: boolean },
): Bins {
  const zoneOf = (node: NumaNodeId) =>
    zoning !== 'like' || node === apart ? `node ${node}` : `like ${nodeSignature(host, node)}`;
  const byKey = new Map<string, CoreGroup[]>();
  for (const group of host.groups) {
    const signature = zoning === 'groups' ? group.index : groupSignature(host, group);
    const key = `${zoneOf(group.node)} ${signature} ${isHeld ? host.held[group.index] : ''}`;
    byKey.set(key, [...(byKey.get(key) ?? []), group]);
  }
  const bins = [...byKey.values()].map((groups, index): Bin => {
    const [first] = groups;
    return {
      index,
      groups,
      zone: first ? zoneOf(first.node) : '',
      cores: first?.cores.length ?? 0,
      threads: first?.threads ?? 1,
      openThreads: first?.openThreads ?? 1,
    };
  });
  const binOf: Bin[] = [];
  for (const bin of bins) for (const group of bin.groups) binOf[group.index] = bin;
  const equal = new Map(
    bins.flatMap(bin =>
      countsCrowds && hasEqualCaches(host, bin) ? bin.groups.map(({ cell }) => [cell, bin] as const) : [],
    ),
  );
  return { bins, binOf, zoneOf, cachesOf: cell => equal.get(cell) ?? null };
}

/** Each group has a cache of its own, with as many CPUs as the others. */
function hasEqualCaches({ groupsOfCell, cells }: HostModel, { groups }: Bin): boolean {
  const sizes = new Set(groups.map(({ cell }) => cells[cell]?.cpus.size));
  return sizes.size === 1 && groups.every(({ cell }) => groupsOfCell[cell]?.length === 1);
}

/** Nodes with the same signature have equal caches, though not the same memory. */
export const nodeSignature = (host: HostModel, node: NumaNodeId): string =>
  [
    ...host.groups.filter(group => group.node === node).map(group => groupSignature(host, group)),
    ...host.cells.filter(cell => cell.node === node).map(cell => `${cell.cpus.size} CPUs`),
  ]
    .sort()
    .join();

/** A cache with cores of several kinds stands alone: a guest on two of them has one cache. */
function groupSignature(host: HostModel, group: CoreGroup): string {
  const isAlone = host.groupsOfCell[group.cell]?.length === 1;
  const { isLarge } = host.cells[group.cell] ?? { isLarge: false };
  return [group.kind, group.threads, group.openThreads, group.cores.length, isLarge, isAlone ? '' : group.index].join(
    '/',
  );
}
