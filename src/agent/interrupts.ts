// Interrupts of passthrough devices for the agent: they appear when the guest's driver asks for them, long after QEMU has started.
import type { CpuSet } from '#domain/id-set.ts';
import type { VmId } from '#domain/ids.ts';
import { guestInterruptCpus } from '#domain/interrupt.ts';
import type { Host } from '#host/host.ts';
import { listDeviceInterrupts, readInterruptCpus } from '#host/read-interrupts.ts';
import type { Repair } from './repair.ts';
import type { VmThreads } from './vm-threads.ts';

/** None for a VM without devices, which costs nothing. */
export function interruptRepairs(host: Host, vmid: VmId, vm: VmThreads, online: CpuSet): readonly Repair[] {
  if (vm.placed === null || vm.devices.length === 0) return [];
  const after = guestInterruptCpus(vm.placed, online);
  if (after === null) return [];
  const irqs = listDeviceInterrupts(host, vm.devices).filter(
    irq => readInterruptCpus(host, irq)?.equals(after) === false,
  );
  return irqs.length === 0 ? [] : [{ kind: 'interrupts', vmid, irqs, after }];
}
