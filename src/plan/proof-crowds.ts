// Caches that confined guests crowd, in the proof model: how many of equal caches hold which crowd, instead of who is in which.
import { AIMS } from '#domain/plan.ts';
import type { Bin } from './bins.ts';
import { type Crowd, type CrowdSize, makeCrowds } from './crowds.ts';
import type { Demand } from './demand.ts';
import { everyCrowd, leastPressureBeside, pressureOf } from './least-pressure.ts';
import type { ModelMaker, Term } from './model-maker.ts';
import type { Filled } from './proof-cores.ts';
import type { Question, Taken } from './proof-model.ts';

/** How many caches of a bin hold a crowd. */
export interface CrowdVariable {
  readonly bin: Bin;
  /** Whether each cache is all of its node, and those confined to the node are in the crowd. */
  readonly isNode: boolean;
  readonly sizes: readonly CrowdSize[];
  readonly crowd: Crowd;
  readonly variable: number;
}

/** With more crowds a bin is modelled as one large cache. */
const MOST_CROWDS = 2500;

/**
 * For every bin of equal caches that confined guests may be in. Caches in which dedicated guests have as many cores can be
 * exchanged, so crowds and patterns are tied together by that number alone.
 */
export function addCrowds(
  maker: ModelMaker,
  question: Question,
  { taken, filled }: { readonly taken: readonly Taken[]; readonly filled: readonly Filled[] },
): readonly CrowdVariable[] {
  const { problem, bins, values, aim } = question;
  const { cells } = problem.host;
  const most = (values[AIMS.indexOf('pressure')] ?? 0) - (aim === 'pressure' ? 1 : 0);
  const all = everyCrowd(question);
  return filled.flatMap(({ bin, patterns }) => {
    const [group] = bin.groups;
    const cell = cells[group?.cell ?? -1];
    const isNode = cells.filter(({ node }) => node === cell?.node).length === 1;
    const here = taken.filter(({ column, demand }) => {
      const isCrowding = demand.class === 'confined' && (isNode || demand.span === 'llc');
      return isCrowding && bins.cachesOf(column.shape.cells[0] ?? -1) === bin;
    });
    if (here.length === 0 || patterns.length === 0 || !cell) return [];
    const sizes = sizesOf(here);
    const crowds = makeCrowds(
      {
        cpus: cell.cpus.size,
        cores: bin.cores,
        openThreads: bin.openThreads,
        sizes,
        pressureOf: crowding => pressureOf(crowding, isNode),
        isHopeless: crowding => pressureOf(crowding, isNode) + leastPressureBeside(all, crowding, isNode) > most,
      },
      MOST_CROWDS,
    );
    if (crowds === null) return [];
    const variables = crowds.map(
      (crowd): CrowdVariable => ({ bin, isNode, sizes, crowd, variable: maker.variable(bin.groups.length) }),
    );
    for (const [at, size] of sizes.entries()) {
      const offered = variables.map(({ crowd, variable }): Term => [variable, crowd.counts[at] ?? 0]);
      const asked = here.filter(({ demand }) => isOfSize(demand, size)).map(({ variable }): Term => [variable, -1]);
      maker.row(0, 0, [...offered, ...asked]);
    }
    for (let inUse = 0; inUse <= bin.cores; inUse++) {
      const ofPatterns = patterns.filter(({ pattern }) => pattern.inUse === inUse);
      const ofCrowds = variables.filter(({ crowd }) => crowd.inUse === inUse);
      maker.row(0, 0, [
        ...ofPatterns.map(({ variable }): Term => [variable, -1]),
        ...ofCrowds.map(({ variable }): Term => [variable, 1]),
      ]);
    }
    return variables;
  });
}

export const isOfSize = (demand: Demand, { vcpus, span }: CrowdSize): boolean =>
  demand.vcpus === vcpus && demand.span === span;

/** Largest first. */
function sizesOf(taken: readonly Taken[]): readonly CrowdSize[] {
  const guests = new Map(taken.map(one => [one.demand, one.guests]));
  const sizes = new Map<string, CrowdSize>();
  for (const [{ vcpus, span }, count] of guests) {
    const key = `${vcpus} ${span}`;
    sizes.set(key, { vcpus, span, guests: (sizes.get(key)?.guests ?? 0) + count });
  }
  return [...sizes.values()].sort((a, b) => b.vcpus - a.vcpus);
}

export const crowdTerms = (crowds: readonly CrowdVariable[]): readonly Term[] =>
  crowds.map(({ variable, crowd }): Term => [variable, crowd.pressure]);
