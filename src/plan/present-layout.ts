// How the guests that are to be placed run now, before anything is done for them.
import type { PresentLayout } from '#domain/alternative.ts';
import type { Guest } from '#domain/guest.ts';
import { type CpuSet, cpuSet, unionOf } from '#domain/id-set.ts';
import type { VmId } from '#domain/ids.ts';
import type { Inventory } from '#domain/inventory.ts';

export function presentLayout(vmids: readonly VmId[], inventory: Inventory): readonly PresentLayout[] {
  const { topology } = inventory;
  const masks = new Map(inventory.guests.map(guest => [guest.vmid, allowedCpus(guest)]));
  return vmids.map(vmid => {
    const cpus = masks.get(vmid) ?? cpuSet();
    const isIn = (domain: { readonly cpus: CpuSet }) => !domain.cpus.isDisjointFrom(cpus);
    return {
      vmid,
      running: inventory.guests.some(guest => guest.vmid === vmid && guest.runtime !== null),
      nodes: topology.nodes.filter(isIn).length,
      llcs: topology.llcs.filter(isIn).length,
      sharedWith: [...masks].filter(([other, mask]) => other !== vmid && !mask.isDisjointFrom(cpus)).length,
    };
  });
}

/** The CPUs on which vCPUs of a VM, or anything of a container, may run now; empty when it does not run. */
function allowedCpus({ runtime }: Guest): CpuSet {
  if (runtime === null) return cpuSet();
  if ('effective' in runtime) return runtime.effective;
  return unionOf(runtime.threads.filter(({ role }) => role.kind === 'vcpu').map(({ allowed }) => allowed));
}
