// Reads the config of a VM that runs or starts here: usually this node's, and during an incoming migration still the source's.
import type { VmGuest } from '#domain/guest.ts';
import type { VmId } from '#domain/ids.ts';
import type { Host } from '#host/host.ts';
import { digestOf } from '#host/read-guest-configs.ts';
import { parseVmGuest } from '#proxmox/parse-vm-guest.ts';

/** Null when no node has it. */
export function readVmConfig(host: Host, vmid: VmId, node: string): Omit<VmGuest, 'runtime'> | null {
  const file = findConfig(host, vmid, node);
  return file && parseVmGuest({ vmid, digest: digestOf(file.text), ...file }).guest;
}

/** The `lock` of its config, for every pass: without all the rest. Null when there is none. */
export function readVmLock(host: Host, vmid: VmId, node: string): string | null {
  const [main = ''] = (findConfig(host, vmid, node)?.text ?? '').split(/^\[/m);
  return /^lock: *(\S+) *$/m.exec(main)?.[1] ?? null;
}

function findConfig(host: Host, vmid: VmId, node: string): { configPath: string; text: string } | null {
  const read = (name: string) => {
    const configPath = `/etc/pve/nodes/${name}/qemu-server/${vmid}.conf`;
    const text = host.read(configPath);
    return text === null ? null : { configPath, text };
  };
  const own = read(node);
  if (own !== null) return own;
  for (const name of host.list('/etc/pve/nodes')) {
    const file = read(name);
    if (file !== null) return file;
  }
  return null;
}
