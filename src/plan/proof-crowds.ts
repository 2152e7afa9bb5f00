// Caches that confined guests crowd, in the proof model: how many of equal caches hold which crowd, instead of who is in which.
import { AIMS } from '#domain/plan.ts';
import type { Bin, Bins } from './bins.ts';
import type { Column } from './columns.ts';
import { type Crowd, makeCrowds } from './crowds.ts';
import type { Demand } from './demand.ts';
import type { ModelMaker, Term } from './model-maker.ts';
import type { Filled, Question, Taken } from './proof-model.ts';

/** How many caches of a bin hold a crowd. */
export interface CrowdVariable {
  readonly bin: Bin;
  /** In vCPUs, in the order of the crowd's counts. */
  readonly sizes: readonly number[];
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
  { values, aim, bins, problem }: Question,
  { taken, filled }: { readonly taken: readonly Taken[]; readonly filled: readonly Filled[] },
): readonly CrowdVariable[] {
  const rank = AIMS.indexOf('pressure');
  const mostPressure = (values[rank] ?? 0) - (aim === 'pressure' ? 1 : 0);
  return filled.flatMap(({ bin, patterns }) => {
    const [group] = bin.groups;
    const guests = taken.filter(({ demand, column }) => cachesFor(column, demand, bins) === bin);
    if (guests.length === 0 || patterns.length === 0 || !group) return [];
    const all = new Map<number, number>();
    for (const { vcpus } of problem.demands.filter(one => one.class === 'confined' && one.span === 'llc'))
      all.set(vcpus, (all.get(vcpus) ?? 0) + 1);
    const sizes = [...new Set(guests.map(({ demand }) => demand.vcpus))].sort((a, b) => b - a);
    const crowds = makeCrowds(
      {
        cpus: problem.host.cells[group.cell]?.cpus.size ?? 0,
        cores: bin.cores,
        openThreads: bin.openThreads,
        sizes: sizes.map(vcpus => ({ vcpus, guests: all.get(vcpus) ?? 0 })),
        mostPressure,
      },
      MOST_CROWDS,
    );
    if (crowds === null) return [];
    const variables = crowds.map(
      (crowd): CrowdVariable => ({ bin, sizes, crowd, variable: maker.variable(bin.groups.length) }),
    );
    for (const [at, size] of sizes.entries()) {
      const here = guests.flatMap(({ demand, variable }): Term[] => (demand.vcpus === size ? [[variable, -1]] : []));
      maker.row(0, 0, [...variables.map(({ crowd, variable }): Term => [variable, crowd.counts[at] ?? 0]), ...here]);
    }
    for (let inUse = 0; inUse <= bin.cores; inUse++) {
      const filledSo = patterns.flatMap(({ pattern, variable }): Term[] =>
        pattern.inUse === inUse ? [[variable, -1]] : [],
      );
      const crowded = variables.flatMap(({ crowd, variable }): Term[] =>
        crowd.inUse === inUse ? [[variable, 1]] : [],
      );
      maker.row(0, 0, [...filledSo, ...crowded]);
    }
    return variables;
  });
}

/** Of a guest that is confined to one of them; else null. */
export function cachesFor({ shape }: Column, { class: kind, span }: Demand, { cachesOf }: Bins): Bin | null {
  return kind === 'confined' && span === 'llc' ? cachesOf(shape.cells[0] ?? -1) : null;
}

export const crowdTerms = (crowds: readonly CrowdVariable[]): readonly Term[] =>
  crowds.map(({ variable, crowd }): Term => [variable, crowd.pressure]);
