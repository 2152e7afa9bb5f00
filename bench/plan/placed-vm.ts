// What an algorithm answers: CPUs that it pins one by one, or a mask that says no more than where the VM may run.
import { type CpuSet, cpuSet, type NodeSet } from '#domain/id-set.ts';
import type { CpuId } from '#domain/ids.ts';
import { completeMask } from './choose-vcpu-cpus.ts';
import { localMemory } from './local-memory.ts';
import type { HostState, PlacedVm, VmRequest } from './placement-algorithm.ts';

/** Memory by first touch. Null without CPUs, or when the host has too little memory. */
export function pinnedVm(request: VmRequest, state: HostState, cpus: readonly CpuId[] | null): PlacedVm | null {
  const memoryMiB = cpus && localMemory(request.memoryMiB, cpus, state);
  if (cpus === null || memoryMiB === null) return null;
  return { vmid: request.vmid, cpus, memoryMiB, completed: false, allowed: cpuSet(cpus), smt: request.smt };
}

/** Memory by first touch. */
export function maskedVm(request: VmRequest, state: HostState, mask: CpuSet): PlacedVm | null {
  const vm = pinnedVm(request, state, completeMask(request, mask, state));
  return vm && { ...vm, completed: true, allowed: mask };
}

/** The state as seen by a VM whose memory may come from these nodes alone. */
export const withMemoryOf = (state: HostState, nodes: NodeSet): HostState => ({
  ...state,
  freeMiB: new Map([...state.freeMiB].filter(([id]) => nodes.has(id))),
});
