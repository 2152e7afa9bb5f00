// Laws that every placement algorithm keeps.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HostTopology } from '#domain/host-topology.ts';
import type { CpuId } from '#domain/ids.ts';
import { runs } from '#fixtures/property-runs.ts';
import { freeCpus } from '../free-cpus.ts';
import type { HostState, PlacedVm, PlacementAlgorithm, VmRequest } from '../placement-algorithm.ts';
import { addPlaced, makeHostState, makeRequest } from '../small-hosts.ts';
import { placementAlgorithms } from './placement-algorithms.ts';

const named = placementAlgorithms.map(algorithm => [algorithm.name, algorithm] as const);

describe('placementAlgorithms', () => {
  it('have names that differ', () => {
    const names = placementAlgorithms.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names.filter(name => !/^[a-z]+(-[a-z0-9]+)*$/.test(name))).toEqual([]);
  });

  it.each(named)('%s gives a small VM on an empty host all that it asks for', (_, { place }) => {
    const state = makeHostState({ cores: [[4, 4], [8]], threads: 2 });
    const vm = place(makeRequest(100, 4, { memoryMiB: 4096 }), state);
    expect(vm === null ? ['refused'] : findFaults(vm, makeRequest(100, 4, { memoryMiB: 4096 }), state)).toEqual([]);
  });

  it('take no more than there is, whatever host and VMs', () => {
    fc.assert(
      fc.property(arbitraryHost, arbitraryRequests, (host, requests) => {
        const empty = makeHostState(host);
        for (const algorithm of placementAlgorithms) {
          expect([algorithm.name, ...findFaultsOfAll(algorithm, requests, empty)]).toEqual([algorithm.name]);
        }
      }),
      runs(25),
    );
  });
});

const arbitraryHost = fc
  .record({
    cores: fc.array(fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 3 }), {
      minLength: 1,
      maxLength: 4,
    }),
    threads: fc.constantFrom(1 as const, 2 as const),
    nodesPerPackage: fc.constantFrom(1, 2),
    freeEach: fc.array(fc.integer({ min: 200, max: 8000 }), { minLength: 4, maxLength: 4 }),
  })
  .map(({ freeEach, ...host }) => ({ ...host, freeMiB: freeEach.slice(0, host.cores.length) }));

const arbitraryRequests = fc
  .array(
    fc.record({
      vcpus: fc.integer({ min: 1, max: 9 }),
      memoryMiB: fc.integer({ min: 1, max: 3000 }),
      guestNodes: fc.constantFrom(1, 1, 2),
      smt: fc.constantFrom('any' as const, 'pairs' as const, 'isolate' as const),
    }),
    { minLength: 1, maxLength: 6 },
  )
  .map(requests => requests.map(({ vcpus, ...more }, index) => makeRequest(100 + index, vcpus, more)));

function findFaultsOfAll(
  { place }: PlacementAlgorithm,
  requests: readonly VmRequest[],
  empty: HostState,
): readonly string[] {
  let state = empty;
  return requests.flatMap(request => {
    const before = state;
    const vm = place(request, before);
    if (vm === null) return [];
    state = addPlaced(before, vm);
    return findFaults(vm, request, before);
  });
}

/** What is wrong with an answer. One that was completed may share CPUs: its algorithm does not look. */
function findFaults(vm: PlacedVm, request: VmRequest, state: HostState): readonly string[] {
  const memory = [...vm.memoryMiB];
  const faults: readonly (readonly [string, boolean])[] = [
    ['another VM', vm.vmid !== request.vmid || vm.smt !== request.smt],
    ['vCPUs', vm.cpus.length !== request.vcpus],
    ['CPUs outside the mask', vm.cpus.some(cpu => !vm.allowed.has(cpu))],
    ['CPUs that are housekeeping', !vm.allowed.isSubsetOf(state.usable)],
    ['memory', memory.reduce((sum, [, mib]) => sum + mib, 0) !== request.memoryMiB],
    ['memory that is not free', memory.some(([node, mib]) => mib > (state.freeMiB.get(node) ?? 0))],
    ['CPUs of others', !vm.completed && vm.cpus.some(cpu => !freeCpus(state).has(cpu))],
    ['a CPU twice', !vm.completed && new Set(vm.cpus).size !== vm.cpus.length],
    ['siblings', !vm.completed && !keepsSiblings(vm, request, state)],
  ];
  return faults.flatMap(([what, isWrong]) => (isWrong ? [what] : []));
}

/** Pairs do not reach from one guest node into the next. */
function keepsSiblings({ cpus, smt }: PlacedVm, { vcpus, guestNodes }: VmRequest, state: HostState): boolean {
  const cores = cpus.map(cpu => coreOf(cpu, state.topology));
  if (smt === 'any') return true;
  if (smt === 'isolate') {
    return new Set(cores).size === cpus.length && cores.every(core => core?.cpus.isSubsetOf(freeCpus(state)));
  }
  if (guestNodes > 1 && vcpus % (2 * guestNodes) !== 0) return true;
  return cores.every((core, n) => n % 2 === 0 || core?.cpus.size === 1 || core === cores[n - 1]);
}

const coreOf = (cpu: CpuId, { cores }: HostTopology) => cores.find(core => core.cpus.has(cpu));
