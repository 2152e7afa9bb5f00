// Memory in the proof model: what guests take of each zone, and that they take no more than there is.
import type { Problem } from './arrangement.ts';
import type { Bins } from './bins.ts';
import { neededMiB, poolKey } from './guest-memory.ts';
import type { LeanPart } from './lean-memory.ts';
import type { ModelMaker, Term } from './model-maker.ts';
import type { Question, Taken } from './proof-model.ts';

/** Zones give what their nodes have together. Hugepages come from their pool first. */
export function addMemory(maker: ModelMaker, { problem, bins }: Question, taken: readonly Taken[]): void {
  const free = sumByZone(problem.memoryMiB, bins);
  const needs = new Map<string, Map<number, Term[]>>();
  const need = (zone: string, pageMiB: number, term: Term) => {
    const ofZone = needs.get(zone) ?? new Map<number, Term[]>();
    needs.set(zone, ofZone.set(pageMiB, [...(ofZone.get(pageMiB) ?? []), term]));
  };
  for (const { column, demand, variable } of taken) {
    if (column.shape.lean !== null) continue;
    for (const [node, mib] of column.shape.memoryMiB) {
      need(bins.zoneOf(node), demand.pageMiB, [variable, neededMiB(mib, node, demand)]);
    }
  }
  for (const [zone, term] of leanTerms(maker, bins, taken)) need(zone, 1, term);
  for (const [zone, byPage] of needs) {
    const fromFree = [...byPage].flatMap(([pageMiB, terms]): readonly Term[] => {
      if (pageMiB === 1) return terms;
      const beyondPool = maker.amount();
      maker.row(Number.NEGATIVE_INFINITY, poolOf(zone, pageMiB, problem, bins), [...terms, [beyondPool, -1]]);
      return [[beyondPool, 1]];
    });
    const limit = free.get(zone);
    if (limit !== undefined) maker.row(0, limit, fromFree);
  }
}

/**
 * By zone, memory of which the model decides how much there is. All guests that are lean on the same of the same nodes are one:
 * what they have together can be dealt out among them.
 */
function leanTerms(
  maker: ModelMaker,
  { zoneOf }: Bins,
  taken: readonly Taken[],
): ReadonlyArray<readonly [zone: string, term: Term]> {
  const keyOf = ({ node, isLean }: LeanPart) => `${zoneOf(node)}${isLean ? ' lean' : ''}`;
  const alike = new Map<string, Taken[]>();
  for (const one of taken) {
    const { lean } = one.column.shape;
    if (lean === null) continue;
    const key = lean.parts.map(keyOf).sort().join();
    alike.set(key, [...(alike.get(key) ?? []), one]);
  }
  return [...alike.values()].flatMap(ofKind => {
    const parts = ofKind.flatMap(({ column, variable }) =>
      (column.shape.lean?.parts ?? []).map(part => ({ part, variable })),
    );
    const terms = [...new Set(parts.map(({ part }) => keyOf(part)))].map(key => {
      const mib = maker.amount();
      const here = parts.filter(({ part }) => keyOf(part) === key);
      const least = here.map(({ part, variable }): Term => [variable, -part.leastMiB]);
      const most = here.map(({ part, variable }): Term => [variable, -part.mostMiB]);
      maker.row(0, Number.POSITIVE_INFINITY, [[mib, 1], ...least]);
      maker.row(Number.NEGATIVE_INFINITY, 0, [[mib, 1], ...most]);
      return [here[0] ? zoneOf(here[0].part.node) : '', [mib, 1]] as const;
    });
    const totals = ofKind.map(({ column, variable }): Term => [variable, -(column.shape.lean?.totalMiB ?? 0)]);
    maker.row(0, 0, [...terms.map(([, term]) => term), ...totals]);
    return terms;
  });
}

/** Zones of which one node's memory is not known have no limit. */
function sumByZone(memoryMiB: Problem['memoryMiB'], { zoneOf }: Bins): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const [node, mib] of memoryMiB) sums.set(zoneOf(node), (sums.get(zoneOf(node)) ?? 0) + mib);
  return sums;
}

function poolOf(zone: string, pageMiB: number, { host }: Problem, { zoneOf }: Bins): number {
  const nodes = host.topology.nodes.filter(({ id }) => zoneOf(id) === zone);
  return nodes.reduce((sum, { id }) => sum + (host.poolMiB.get(poolKey(id, pageMiB)) ?? 0), 0);
}
