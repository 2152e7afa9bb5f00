// Which quarters make up a host, as a linear model: every guest is in one of them, and every node in one at most.
import type { NumaNodeId } from '#domain/ids.ts';
import { AIMS } from '#domain/plan.ts';
import type { Problem } from './arrangement.ts';
import type { LinearModel } from './linear-model.ts';
import { makeModelMaker, type Term } from './model-maker.ts';
import type { Block } from './node-blocks.ts';
import { ADDING_AIMS, coresOn, type Quarter } from './quarters.ts';

export interface OpenQuarter {
  readonly quarter: Quarter;
  /** By aim: what it costs at least, as far as is known. */
  readonly values: readonly number[];
}

/** @param most By aim, from the first: values that must not be exceeded. The last of them is to be as small as possible, where it adds up. */
export function makeQuarterModel(
  { host }: Problem,
  {
    kinds,
    open,
    most,
    zoneOf,
  }: {
    kinds: ReadonlyArray<readonly number[]>;
    open: readonly OpenQuarter[];
    most: readonly number[];
    zoneOf: (node: NumaNodeId) => string;
  },
): LinearModel {
  const maker = makeModelMaker();
  const nodes = [...new Set(host.groups.map(({ node }) => node))];
  const zones = [...new Set(nodes.map(zoneOf))];
  const nodesOf = (zone: string, among: Block = nodes) => among.filter(node => zoneOf(node) === zone);
  const variables = open.map(({ quarter, values }) => {
    const times = zones.map(zone => nodesOf(zone).length / nodesOf(zone, quarter.block).length);
    return { quarter, values, variable: maker.variable(Math.floor(Math.min(...times))) };
  });
  for (const [kind, { length }] of kinds.entries()) {
    const terms = variables.map(({ quarter, variable }): Term => [variable, quarter.counts[kind] ?? 0]);
    maker.row(length, length, terms);
  }
  const takenIn = (zone: string) =>
    variables.map(({ quarter, variable }): Term => [variable, nodesOf(zone, quarter.block).length]);
  for (const zone of zones) maker.row(0, nodesOf(zone).length, takenIn(zone));
  for (const [aim, limit] of most.slice(0, ADDING_AIMS).entries()) {
    const terms = variables.map(({ values, variable }): Term => [variable, values[aim] ?? 0]);
    maker.row(0, limit, terms);
    if (aim === most.length - 1) maker.minimize(terms);
  }
  const limit = most[FRAGMENTATION];
  if (limit !== undefined) {
    const largest = Math.max(...nodes.map(node => coresOn(node, host)));
    const large = zones.filter(zone => nodesOf(zone).some(node => largest - coresOn(node, host) <= limit));
    const kept = variables.flatMap(({ values, variable }): Term[] =>
      (values[FRAGMENTATION] ?? 0) <= limit ? [[variable, 1]] : [],
    );
    const taken = large.flatMap(takenIn).map(([variable, count]): Term => [variable, -count]);
    const all = large.reduce((sum, zone) => sum + nodesOf(zone).length, 0);
    maker.row(1 - all, Number.POSITIVE_INFINITY, [...kept, ...taken]);
  }
  return maker.done();
}

const FRAGMENTATION = AIMS.indexOf('nodeFragmentation');
