// Hosts and requests in a few words, for tests of placement algorithms.

import { cpuSet } from '#domain/id-set.ts';
import { numaNodeId, vmId } from '#domain/ids.ts';
import { makeShapeTree } from '#fixtures/shape-tree.ts';
import { makeTextTree } from '#fixtures/text-tree.ts';
import { parseTopology } from '#topology/parse-topology.ts';
import type { HostState, PlacedVm, PlacementAlgorithm, VmRequest } from './placement-algorithm.ts';

interface SmallHost {
  /** Cores of every LLC domain, by node: `[[4, 4], [8]]`. */
  readonly cores: readonly (readonly number[])[];
  readonly threads?: 1 | 2;
  readonly nodesPerPackage?: number;
  /** One number for each node; 64 GiB free on each by default. */
  readonly freeMiB?: readonly number[];
  /** 10 within a node, 20 to every other by default. */
  readonly distances?: readonly (readonly number[])[];
  /** All CPUs by default. */
  readonly usable?: readonly number[];
}

const DEFAULT_FREE_MIB = 65_536;

/** Numbered as servers are: node by node, second threads after all first ones. */
export function makeHostState({ cores, threads = 1, nodesPerPackage = 1, ...more }: SmallHost): HostState {
  const { freeMiB = cores.map(() => DEFAULT_FREE_MIB) } = more;
  const { distances = cores.map((_, from) => cores.map((_, to) => (from === to ? 10 : 20))) } = more;
  const tree = makeShapeTree({
    model: 'test',
    numbering: 'siblings-last',
    llcs: cores.flatMap((llcs, node) =>
      llcs.map(count => ({
        package: Math.floor(node / nodesPerPackage),
        node,
        sizeKiB: 32_768,
        cores: [{ count, threads }],
      })),
    ),
    nodes: freeMiB.map((free, id) => ({ id, memoryMiB: free, freeMiB: free, cacheMiB: 0, hugepages: {} })),
    distances,
  });
  const topology = parseTopology(makeTextTree(tree));
  return {
    topology,
    usable: more.usable === undefined ? topology.online : cpuSet(more.usable),
    freeMiB: new Map(freeMiB.map((free, id) => [numaNodeId(id), free])),
    placed: [],
  };
}

export const makeRequest = (vmid: number, vcpus: number, more: Partial<VmRequest> = {}): VmRequest => ({
  vmid: vmId(vmid),
  vcpus,
  memoryMiB: 1024,
  guestNodes: 1,
  smt: 'any',
  deviceNode: null,
  ...more,
});

/** The state after a VM came. */
export function addPlaced(state: HostState, vm: PlacedVm): HostState {
  const freeMiB = new Map([...state.freeMiB].map(([node, free]) => [node, free - (vm.memoryMiB.get(node) ?? 0)]));
  return { ...state, freeMiB, placed: [...state.placed, vm] };
}

/** Places one VM after the other; null where the algorithm refuses. */
export function placeAll(
  algorithm: PlacementAlgorithm,
  requests: readonly VmRequest[],
  state: HostState,
): readonly (PlacedVm | null)[] {
  let now = state;
  return requests.map(request => {
    const vm = algorithm.place(request, now);
    if (vm !== null) now = addPlaced(now, vm);
    return vm;
  });
}

/** The CPUs of each as a list of numbers, null where it was refused. */
export const cpusOf = (placed: readonly (PlacedVm | null)[]): readonly (readonly number[] | null)[] =>
  placed.map(vm => vm && cpuSet(vm.cpus).ids);
