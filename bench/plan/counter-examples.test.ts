// Every peer loses to the optimum on its counter-example, and does so as its description says.
import { describe, expect, it } from 'vitest';
import { type CpuSet, cpuSet } from '#domain/id-set.ts';
import { placementAlgorithms } from './algorithms/placement-algorithms.ts';
import { type CounterExample, counterExamples } from './counter-examples.ts';
import type { HostState, PlacedVm } from './placement-algorithm.ts';
import { placeAll } from './small-hosts.ts';

/** `n0+n1`: its nodes; on a host with one node its caches, `l0`. */
function describePlace(vm: PlacedVm | null, others: CpuSet, { topology }: HostState): string {
  if (vm === null) return 'refused';
  const own = cpuSet(vm.cpus);
  const [letter, units] = topology.nodes.length > 1 ? ['n', topology.nodes] : ['l', topology.llcs];
  const places = units.flatMap(({ cpus }, index) => (cpus.isDisjointFrom(own) ? [] : [`${letter}${index}`]));
  return `${places.join('+')}${own.isDisjointFrom(others) ? '' : ' shared'}`;
}

function describePlaces({ algorithm, state, requests }: CounterExample): readonly string[] {
  const placed = placeAll(algorithm, requests, state);
  return placed.map((vm, index) => {
    const before = placed.slice(0, index).flatMap(other => other?.cpus ?? []);
    return describePlace(vm, cpuSet(before), state);
  });
}

/** Whether the VMs of each place fit into it together. */
function fits({ state, requests, optimum }: CounterExample): boolean {
  const { nodes, llcs } = state.topology;
  const units = nodes.length > 1 ? nodes : llcs;
  const places = [...new Set(optimum)].filter(place => place !== 'refused');
  return places.every(place => {
    const members = place.split('+').map(name => units[Number(name.slice(1))]);
    const room = members.reduce((sum, unit) => sum + (unit?.cpus.intersection(state.usable).size ?? 0), 0);
    const wanted = requests.filter((_, index) => optimum[index] === place).reduce((sum, { vcpus }) => sum + vcpus, 0);
    return wanted <= room;
  });
}

describe('counterExamples', () => {
  it.each(counterExamples.map(example => [example.algorithm.name, example.because, example] as const))(
    '%s %s',
    (_name, _because, example) => {
      expect(describePlaces(example)).toEqual(example.does);
      expect(example.optimum).not.toEqual(example.does);
      expect(fits(example)).toBe(true);
    },
  );

  it('has one for every algorithm', () => {
    const shown = new Set(counterExamples.map(({ algorithm }) => algorithm));
    expect(placementAlgorithms.filter(algorithm => !shown.has(algorithm)).map(({ name }) => name)).toEqual([]);
  });
});
