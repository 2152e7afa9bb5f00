// The vCPUs of a VM → arguments of QEMU.
import type { VmVcpus } from './vm-vcpus.ts';

/** `-smp 4,sockets=2,cores=2,maxcpus=4`; with CPU hotplug `-smp 1,…` and a `-device` for each further vCPU. */
export function encodeSmpArguments({ sockets, cores, maximum, plugged, hotplugModel }: VmVcpus): readonly string[] {
  const atStart = hotplugModel === null ? plugged : 1;
  const smp = ['-smp', `${atStart},sockets=${sockets},cores=${cores},maxcpus=${maximum}`];
  if (hotplugModel === null) return smp;
  // QEMU stops at the first vCPU for which there is no place: those after it need no mention, however many are asked for.
  const last = Math.min(plugged, maximum + 1);
  const devices = Array.from({ length: Math.max(last - 1, 0) }, (_, before) => {
    const vcpu = before + 1;
    const place = `socket-id=${Math.floor(vcpu / cores)},core-id=${vcpu % cores},thread-id=0`;
    return ['-device', `${hotplugModel}-x86_64-cpu,id=cpu${vcpu + 1},${place}`];
  });
  return [...smp, ...devices.flat()];
}
