// A Proxmox node's files on this machine, inside private mounts: configs, where Proxmox keeps them, for guests that really run.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readNodeName } from '#host/read-node-name.ts';

/** This machine's own name, as the program under test will find it. */
export const NODE = readNodeName({
  read: path => (path === '/etc/hostname' ? readFileSync('/etc/hostname', 'latin1') : null),
  list: () => [],
});

const CONFIGS = `/etc/pve/nodes/${NODE}/qemu-server`;
export const configPath = (vmid: number): string => `${CONFIGS}/${vmid}.conf`;
export const PLACEMENT = `/etc/pve/berth/nodes/${NODE}/placement.json`;

/** Empties the node: no guests, no policy, no placement, no journal. */
export function resetNode(): void {
  for (const directory of ['/etc/pve/nodes', '/etc/pve/berth', '/var/lib/berth/journal']) {
    rmSync(directory, { recursive: true, force: true });
  }
  rmSync('/var/lib/berth/placement.json', { force: true });
  mkdirSync(CONFIGS, { recursive: true });
  mkdirSync(`/etc/pve/nodes/${NODE}/lxc`, { recursive: true });
}

/** A config as Proxmox writes it, with lines that are none of our business. */
export function writeVmConfig(vmid: number, { cores, memoryMiB = 64 }: { cores: number; memoryMiB?: number }): string {
  const text = [
    '#kept exactly as it is: 100%25',
    `cores: ${cores}`,
    `memory: ${memoryMiB}`,
    `name: guest${vmid}`,
    'net0: virtio=BC:24:11:00:00:01,bridge=vmbr0',
    'ostype: l26',
    `smbios1: uuid=5b0c2f4e-9d55-4a70-8a25-0000000${vmid}`,
    'sockets: 1',
    '',
  ].join('\n');
  writeFileSync(configPath(vmid), text, 'latin1');
  return text;
}

export const readConfig = (vmid: number): string => readFileSync(configPath(vmid), 'latin1');
