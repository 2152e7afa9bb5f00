// A peer's algorithm on a case: one VM after the other, as it works.
import type { BenchHost } from './bench-hosts.ts';
import type { HostState, PlacedVm, PlacementAlgorithm } from './placement-algorithm.ts';
import type { BenchVm, CaseEvent } from './plan-case.ts';

/** What stands in the end; null when it refused somebody. Confined VMs are nothing that peers know: null. */
export function runPeer(
  algorithm: PlacementAlgorithm,
  host: BenchHost,
  events: readonly CaseEvent[],
): readonly PlacedVm[] | null {
  let state = emptyState(host);
  for (const event of events) {
    if (event.kind === 'leave') {
      state = withVms(
        host,
        state.placed.filter(({ vmid }) => vmid !== event.vmid),
      );
      continue;
    }
    if (event.vm.class !== 'dedicated') return null;
    const placed = algorithm.place(event.vm, state);
    if (placed === null) return null;
    state = withVms(host, [...state.placed, placed]);
  }
  return state.placed;
}

/** Orders in which a batch is given to an algorithm that takes one VM at a time. */
export const batchOrders = (vms: readonly BenchVm[]): ReadonlyArray<readonly CaseEvent[]> =>
  [
    vms,
    vms.toSorted((a, b) => b.vcpus - a.vcpus || a.vmid - b.vmid),
    vms.toSorted((a, b) => a.vcpus - b.vcpus || a.vmid - b.vmid),
  ].map(order => order.map(vm => ({ kind: 'arrive', vm })));

const emptyState = (host: BenchHost): HostState => withVms(host, []);

function withVms({ topology, memory, housekeeping }: BenchHost, placed: readonly PlacedVm[]): HostState {
  const held = (vm: PlacedVm, node: (typeof memory)[number]['node']) => vm.memoryMiB.get(node) ?? 0;
  const freeMiB = memory.map(
    ({ node, availableMiB }) => [node, availableMiB - placed.reduce((sum, vm) => sum + held(vm, node), 0)] as const,
  );
  return { topology, usable: topology.online.difference(housekeeping), freeMiB: new Map(freeMiB), placed };
}
