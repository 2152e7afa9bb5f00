// From sets of nodes back to shapes: what guests have there together is dealt out, and each takes the caches that it fits best.
import { emptyRoom, type Problem, type Settled, settle } from './arrangement.ts';
import { rankShapes, type Standing } from './best-fit.ts';
import { put } from './construct.ts';
import type { Demand } from './demand.ts';
import type { NodeWay } from './node-kinds.ts';
import type { NodeModel, TakenWay } from './node-model.ts';
import { type Shares, shapeFor } from './quick-shapes.ts';
import type { Shape } from './shapes.ts';

/** Where one guest is to stand. */
interface Choice {
  readonly guest: number;
  readonly demand: Demand;
  readonly way: NodeWay;
  readonly shares: Shares;
}

/** Null when it does not fit, or not in the way that was tried: the model knows nothing of caches. */
export function readNodeWays(problem: Problem, { taken }: NodeModel, values: readonly number[]): Settled | null {
  const read = (variable: number | undefined) => (variable === undefined ? 0 : (values[variable] ?? 0));
  const given = new Map<TakenWay['kind'], number>();
  const choices = taken.flatMap(({ kind, way, guests, vcpus }): readonly Choice[] => {
    const from = given.get(kind) ?? 0;
    const count = read(guests);
    given.set(kind, from + count);
    const dealt = dealOut(way, vcpus.map(read), { demand: kind.demand, count });
    return kind.guests
      .slice(from, from + count)
      .map((guest, at) => ({ guest, demand: kind.demand, way, shares: dealt[at] ?? [] }));
  });
  let standing: Standing = { shapes: problem.demands.map(() => null), left: emptyRoom(problem) };
  for (const choice of choices.sort(byNeed)) {
    const shape =
      choice.shares.length > 0 ? shapeOnAll(choice, standing, problem) : shapeOnOne(choice, standing, problem);
    if (shape === null) return null;
    standing = put(shape, choice.guest, standing, problem);
  }
  return settle(
    standing.shapes.flatMap(shape => shape ?? []),
    problem,
  );
}

/** Guests that need whole cores first, then those on one node, then large ones; confined guests take what is left. */
function byNeed(a: Choice, b: Choice): number {
  const ranks = ({ demand, way }: Choice) => [
    demand.class === 'dedicated' ? 0 : 1,
    demand.smt === 'any' ? 1 : 0,
    way.nodes.length,
    -demand.vcpus,
  ];
  const of = ranks(b);
  return ranks(a).reduce((order, rank, at) => order || rank - (of[at] ?? 0), 0) || a.guest - b.guest;
}

/** By guest, the vCPUs on each node; empty for guests on one node. What remains can always be dealt out among those that remain. */
function dealOut(
  { nodes, room }: NodeWay,
  vcpus: readonly number[],
  { demand, count }: { demand: Demand; count: number },
): readonly Shares[] {
  if (vcpus.length === 0) return [];
  const left = [...vcpus];
  return Array.from({ length: count }, (_, dealt) => {
    const later = count - dealt - 1;
    const most = nodes.map((_, at) => Math.min(room[at] ?? 0, demand.vcpus - nodes.length + 1));
    const least = left.map((all, at) => Math.max(1, all - later * (most[at] ?? 0)));
    let missing = demand.vcpus - least.reduce((sum, value) => sum + value, 0);
    return nodes.map((node, at): Shares[number] => {
      const highest = Math.min(most[at] ?? 0, (left[at] ?? 0) - later);
      const more = Math.max(0, Math.min(missing, highest - (least[at] ?? 0)));
      const share = (least[at] ?? 0) + more;
      missing -= more;
      left[at] = (left[at] ?? 0) - share;
      return [node, share];
    });
  });
}

const shapeOnAll = ({ demand, shares }: Choice, { left }: Standing, { host }: Problem): Shape | null =>
  shapeFor(shares, { demand, host, left });

/** Its best shape on this node beside those that stand already. */
function shapeOnOne({ demand, way }: Choice, standing: Standing, problem: Problem): Shape | null {
  const here = { ...demand, allowedNodes: new Set(way.nodes) };
  return rankShapes(here, standing, problem)[0] ?? null;
}
