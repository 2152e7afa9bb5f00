// Guests that are alike in every respect, with the ways in which they may stand: what a proof counts.
import { emptyRoom, type Problem } from './arrangement.ts';
import type { Bins } from './bins.ts';
import { type Column, makeColumns } from './columns.ts';
import type { Demand } from './demand.ts';
import type { IsHopeless } from './shapes.ts';

export interface GuestKind {
  /** Indices of their demands. */
  readonly guests: readonly number[];
  readonly demand: Demand;
  readonly columns: readonly Column[];
}

/** With more columns in all a model would be too large to be solved. */
export const MOST_COLUMNS = 16_000;

export interface KindInput {
  readonly bins: Bins;
  /** By index of a demand: which ways need not be looked at. */
  readonly isHopelessFor: (guest: number) => IsHopeless;
  /** In all. */
  readonly mostColumns: number;
}

/** Null when guests can stand in too many ways. */
export function makeKinds(
  problem: Problem,
  { bins, isHopelessFor, mostColumns }: KindInput,
): readonly GuestKind[] | null {
  const { demands, host } = problem;
  const empty = emptyRoom(problem);
  const kinds: GuestKind[] = [];
  let left = mostColumns;
  for (const guests of alikeGuests(demands)) {
    const [first = 0] = guests;
    const demand = demands[first];
    if (!demand) continue;
    const isHopeless = isHopelessFor(first);
    if (!host.nodeSetsComplete && !isHopeless([2, 0, 0, 0, 0, 0, 0, 0])) return null;
    const columns = makeColumns(demand, { host, bins, empty, most: left }, isHopeless);
    if (columns === null) return null;
    left -= columns.length;
    kinds.push({ guests, demand, columns });
  }
  return kinds;
}

/** Indices of demands that can stand for each other, together. */
export function alikeGuests(demands: readonly Demand[]): ReadonlyArray<readonly number[]> {
  const byKey = new Map<string, number[]>();
  for (const [index, demand] of demands.entries()) {
    const key = demandKey(demand);
    byKey.set(key, [...(byKey.get(key) ?? []), index]);
  }
  return [...byKey.values()];
}

function demandKey(demand: Demand): string {
  const {
    vmid: _vmid,
    priority: _priority,
    present,
    presentEmulator,
    presentNodes,
    residentMiB,
    presentMiB,
    ...rest
  } = demand;
  return JSON.stringify({
    ...rest,
    present: present.ids,
    presentEmulator: presentEmulator.ids,
    presentNodes: [...presentNodes],
    residentMiB: [...residentMiB],
    presentMiB: [...presentMiB],
    allowedNodes: demand.allowedNodes && [...demand.allowedNodes],
    allowedLlcs: demand.allowedLlcs && [...demand.allowedLlcs],
  });
}
