// Reads the config of a VM that runs or starts here: usually this node's, and during an incoming migration still the source's.
import type { VmGuest } from '#domain/guest.ts';
import type { VmId } from '#domain/ids.ts';
import type { Host } from '#host/host.ts';
import { digestOf } from '#host/read-guest-configs.ts';
import { parseVmGuest } from '#proxmox/parse-vm-guest.ts';

/** Null when no node has it. */
export function readVmConfig(host: Host, vmid: VmId, node: string): Omit<VmGuest, 'runtime'> | null {
  const nodes = [node, ...host.list('/etc/pve/nodes').filter(name => name !== node)];
  for (const name of nodes) {
    const configPath = `/etc/pve/nodes/${name}/qemu-server/${vmid}.conf`;
    const text = host.read(configPath);
    if (text !== null) return parseVmGuest({ vmid, configPath, digest: digestOf(text), text }).guest;
  }
  return null;
}
