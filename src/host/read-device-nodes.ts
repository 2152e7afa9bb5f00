// Which NUMA node each passthrough device of a VM is near to.
import type { VmGuest } from '#domain/guest.ts';
import { type NumaNodeId, numaNodeId } from '#domain/ids.ts';
import { mappedDevices } from '#proxmox/mapped-devices.ts';
import { parseHostPci } from '#proxmox/pci-mappings.ts';
import { nextValue } from '#proxmox/placement-config.ts';
import { PCI_ROOT } from '#topology/parse-pci-devices.ts';
import type { Host } from './host.ts';

/**
 * `hostpciN` → node, for the devices with which the VM starts next. A device is left out when the firmware names no node for it,
 * and when its mapping offers devices near different nodes: which of them the VM gets is decided when it starts.
 */
export function readDeviceNodes(
  host: Host,
  node: string,
  vm: Omit<VmGuest, 'runtime'>,
): ReadonlyMap<string, NumaNodeId> {
  const keys = new Set([...vm.raw.keys(), ...vm.pending.keys()].filter(key => /^hostpci\d+$/.test(key)));
  return new Map(
    [...keys].sort().flatMap(key => {
      const addresses = addressesOf(host, node, nextValue({ ...vm, runtime: null }, key) ?? '');
      const [nearest, ...others] = new Set(addresses.map(address => nodeOf(host, address)));
      return nearest == null || others.length > 0 ? [] : [[key, nearest] as const];
    }),
  );
}

function addressesOf(host: Host, node: string, value: string): readonly string[] {
  const device = parseHostPci(value);
  if (device === null) return [];
  if (device.kind === 'addresses') return device.addresses;
  return mappedDevices(host.read('/etc/pve/mapping/pci.cfg') ?? '', device.name, node).flat();
}

/** An address without a function stands for all functions of its device. */
function nodeOf(host: Host, address: string): NumaNodeId | null {
  const oneFunction = /\.[0-7]$/.test(address) ? address : `${address}.0`;
  const text = host.read(`${PCI_ROOT}/${oneFunction}/numa_node`)?.trim() ?? '';
  return /^\d+$/.test(text) ? numaNodeId(Number(text)) : null;
}
