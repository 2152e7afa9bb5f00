// Memory of guests that span nodes and may have less of it on some of them than their vCPUs' share: how all of it fits together.
import type { NumaNodeId } from '#domain/ids.ts';

/** What one guest asks of its nodes together. */
export interface LeanClaim {
  readonly totalMiB: number;
  readonly parts: readonly LeanPart[];
}

export interface LeanPart {
  readonly node: NumaNodeId;
  readonly isLean: boolean;
  readonly leastMiB: number;
  readonly mostMiB: number;
  /** As much as it should rather have. */
  readonly wishedMiB: number;
}

/** As little as Proxmox gives to a whole VM. */
export const LEAST_PART_MIB = 16;

/**
 * MiB by node for every claim, or null when they do not fit together. `freeMiB` may lack nodes: their memory is not known and has no end.
 * 1. Everybody has the least on every node,
 * 2. then what it wishes, as far as that is free,
 * 3. and what is left over finds its way: onto a node with room, or onto one from which another claim can move on.
 */
export function spreadMemory(
  claims: readonly LeanClaim[],
  freeMiB: ReadonlyMap<NumaNodeId, number>,
): ReadonlyArray<ReadonlyMap<NumaNodeId, number>> | null {
  const free = new Map(freeMiB);
  const given = claims.map(() => new Map<NumaNodeId, number>());
  const roomOn = (node: NumaNodeId) => free.get(node) ?? Number.POSITIVE_INFINITY;
  const has = (claim: number, node: NumaNodeId) => given[claim]?.get(node) ?? 0;
  const give = (claim: number, node: NumaNodeId, mib: number) => {
    given[claim]?.set(node, has(claim, node) + mib);
    free.set(node, roomOn(node) - mib);
  };
  for (const [claim, { parts }] of claims.entries()) {
    for (const { node, leastMiB } of parts) give(claim, node, leastMiB);
  }
  if ([...free.values()].some(mib => mib < 0)) return null;
  const missing = (claim: number) =>
    (claims[claim]?.totalMiB ?? 0) - [...(given[claim]?.values() ?? [])].reduce((sum, mib) => sum + mib, 0);
  for (const [claim, { parts }] of claims.entries()) {
    for (const { node, wishedMiB } of parts) {
      give(claim, node, Math.min(Math.max(0, wishedMiB - has(claim, node)), missing(claim), roomOn(node)));
    }
  }
  for (const claim of claims.keys()) {
    while (missing(claim) > 0) {
      const way = findWay(claims, claim, { has, roomOn });
      if (way === null) return null;
      const mib = Math.min(missing(claim), way.mostMiB);
      for (const { claim: taker, from, to } of way.steps) {
        if (from !== null) give(taker, from, -mib);
        give(taker, to, mib);
      }
    }
  }
  return given;
}

interface Step {
  readonly claim: number;
  /** Null: memory that it does not have anywhere yet. */
  readonly from: NumaNodeId | null;
  readonly to: NumaNodeId;
}

/** The shortest way to a node with room, with how much can go it. */
function findWay(
  claims: readonly LeanClaim[],
  start: number,
  { has, roomOn }: { has: (claim: number, node: NumaNodeId) => number; roomOn: (node: NumaNodeId) => number },
): { readonly steps: readonly Step[]; readonly mostMiB: number } | null {
  const seen = new Set<NumaNodeId>();
  let ways: ReadonlyArray<{ readonly steps: readonly Step[]; readonly mostMiB: number }> = [
    { steps: [], mostMiB: Number.POSITIVE_INFINITY },
  ];
  while (ways.length > 0) {
    const longer: Array<(typeof ways)[number]> = [];
    for (const { steps, mostMiB } of ways) {
      const at = steps.at(-1)?.to ?? null;
      for (const [claim, { parts }] of claims.entries()) {
        if (at === null && claim !== start) continue;
        const source = at === null ? null : parts.find(part => part.node === at);
        const movable = source === null ? mostMiB : source ? has(claim, source.node) - source.leastMiB : 0;
        if (movable <= 0) continue;
        for (const { node, mostMiB: most } of parts) {
          const takes = most - has(claim, node);
          if (seen.has(node) || takes <= 0) continue;
          seen.add(node);
          const way = { steps: [...steps, { claim, from: at, to: node }], mostMiB: Math.min(mostMiB, movable, takes) };
          if (roomOn(node) > 0) return { ...way, mostMiB: Math.min(way.mostMiB, roomOn(node)) };
          longer.push(way);
        }
      }
    }
    ways = longer;
  }
  return null;
}
