// Confined guests in the proof model: that their domain has the CPUs they need, and how crowded it is.
import type { NumaNodeId } from '#domain/ids.ts';
import { LOAD_STEPS } from './aim-values.ts';
import type { Bins } from './bins.ts';
import type { ModelMaker, Term } from './model-maker.ts';
import type { Filled } from './proof-cores.ts';
import { type CrowdVariable, crowdTerms } from './proof-crowds.ts';
import type { Question, Taken } from './proof-model.ts';

/** Cells that the model does not tell apart, of one zone or of one kind in it, with the confined guests that run there. */
interface Domain {
  readonly taken: readonly Taken[];
  /** CPUs there, those of dedicated guests included. */
  readonly cpus: number;
  /** Minus CPUs that dedicated guests leave. */
  readonly inUse: readonly Term[];
}

/**
 * Everything beyond each step of load, domain by domain: the least that pressure can be, since in a domain of several nodes or
 * caches the parts are at least as crowded as the whole. Exact where every node and cache is its own.
 */
export function pressureTerms(maker: ModelMaker, question: Question, of: ConfinedInput): readonly Term[] {
  const { ofNodes, ofCaches } = domainsOf(question, of);
  const unit = pressureUnit(question.problem);
  const beyondSteps = [...ofNodes, ...ofCaches].flatMap(({ taken, cpus, inUse }) => {
    const vcpus = taken.map(({ demand, variable }): Term => [variable, (4 * demand.vcpus) / unit]);
    return LOAD_STEPS.map((step): Term => {
      const beyond = maker.variable(Number.POSITIVE_INFINITY);
      const taking = inUse.map(([variable, count]): Term => [variable, (step * count) / unit]);
      maker.row(Number.NEGATIVE_INFINITY, (step * cpus) / unit, [...vcpus, ...taking, [beyond, -1]]);
      return [beyond, unit];
    });
  });
  return [...beyondSteps, ...crowdTerms(of.crowds)];
}

/** A domain in which a confined guest stands has as many free CPUs as it has vCPUs. */
export function limitConfined(maker: ModelMaker, question: Question, of: ConfinedInput): void {
  const { ofNodes, ofCaches } = domainsOf(question, of);
  const spanOf = { node: ofNodes, llc: ofCaches };
  for (const span of ['node', 'llc'] as const) {
    for (const { taken, cpus, inUse } of spanOf[span]) {
      const sizes = new Set(taken.flatMap(({ demand }) => (demand.span === span ? [demand.vcpus] : [])));
      for (const vcpus of sizes) {
        const isThere = maker.variable(1);
        const ofSize = taken.filter(({ demand }) => demand.span === span && demand.vcpus === vcpus);
        const most = question.problem.demands.length;
        maker.row(Number.NEGATIVE_INFINITY, 0, [
          ...ofSize.map(({ variable }): Term => [variable, 1]),
          [isThere, -most],
        ]);
        maker.row(Number.NEGATIVE_INFINITY, cpus, [...inUse, [isThere, vcpus]]);
      }
    }
  }
}

export interface ConfinedInput {
  readonly taken: readonly Taken[];
  readonly filled: readonly Filled[];
  readonly crowds: readonly CrowdVariable[];
}

function domainsOf(
  { problem: { host }, bins }: Question,
  { taken, filled, crowds }: ConfinedInput,
): { readonly ofNodes: readonly Domain[]; readonly ofCaches: readonly Domain[] } {
  const confined = taken.filter(({ demand }) => demand.class === 'confined');
  const inUseOf = (isIn: (one: Filled) => boolean) =>
    filled
      .filter(isIn)
      .flatMap(({ bin, inUse }) => inUse.map(([variable, count]): Term => [variable, count * bin.openThreads]));
  const cpusOf = (isIn: (cell: (typeof host.cells)[number]) => boolean) =>
    host.cells.reduce((sum, cell) => sum + (isIn(cell) ? cell.cpus.size : 0), 0);
  const keyOfCell = new Map(host.cells.map(cell => [cell.index, cellKey(cell, host.groupsOfCell, bins)]));
  const isCounted = ({ column }: Taken, needsNode: boolean) =>
    crowds.some(({ bin, isNode }) => bin === bins.cachesOf(column.shape.cells[0] ?? -1) && (isNode || !needsNode));
  const inNodes = confined.filter(one => !isCounted(one, true));
  const inCaches = confined.filter(one => one.demand.span === 'llc' && !isCounted(one, false));
  const cacheOf = ({ column }: Taken) => keyOfCell.get(column.shape.cells[0] ?? -1);
  const zoneOf = ({ column }: Taken) => bins.zoneOf(column.shape.nodes[0] as NumaNodeId);
  return {
    ofNodes: [...new Set(inNodes.map(zoneOf))].map(zone => ({
      taken: inNodes.filter(one => zoneOf(one) === zone),
      cpus: cpusOf(({ node }) => bins.zoneOf(node) === zone),
      inUse: inUseOf(({ bin }) => bin.zone === zone),
    })),
    ofCaches: [...new Set(inCaches.map(cacheOf))].map(cache => ({
      taken: inCaches.filter(one => cacheOf(one) === cache),
      cpus: cpusOf(({ index }) => keyOfCell.get(index) === cache),
      inUse: inUseOf(({ bin }) => bin.groups.every(({ cell }) => keyOfCell.get(cell) === cache)),
    })),
  };
}

/** Caches with the same key have all their core groups in the same bins, which have none of others. */
function cellKey(
  { index, node }: Question['problem']['host']['cells'][number],
  groupsOfCell: Question['problem']['host']['groupsOfCell'],
  { binOf, zoneOf }: Bins,
): string {
  const ofCell = groupsOfCell[index] ?? [];
  const inBins = ofCell.map(group => binOf[group.index]?.index);
  return `${zoneOf(node)} ${ofCell.length === 0 ? `cell ${index}` : inBins.join()}`;
}

/** Whatever guests do, pressure is a multiple of it: CPUs come in whole cores, and vCPUs count four times. */
function pressureUnit({ host }: Question['problem']): number {
  const counts = [...host.cells.map(({ cpus }) => cpus.size), ...host.groups.map(({ openThreads }) => openThreads)];
  return [4, 2].find(unit => counts.every(count => count % unit === 0)) ?? 1;
}
