// Reads what is known of the node that a guest is to move to, and what the cluster says about such a move.
import type { Guest } from '#domain/guest.ts';
import type { Placement } from '#domain/placement.ts';
import type { TextTree } from '#domain/text-tree.ts';
import { findHaResource, type HaResource } from '#proxmox/ha-rules.ts';
import { parseContainerGuest } from '#proxmox/parse-container-guest.ts';
import { parseVmGuest } from '#proxmox/parse-vm-guest.ts';
import { type PciMapping, parsePciMappings } from '#proxmox/pci-mappings.ts';
import { parseStorages, type Storage } from '#proxmox/storages.ts';
import { HostError } from './host-error.ts';
import { readGuestConfigs } from './read-guest-configs.ts';
import { readHaTexts } from './read-ha-texts.ts';
import { STORAGE_PATH } from './read-node-facts.ts';
import { readPlacement } from './read-placement.ts';

export interface ClusterFacts {
  readonly storages: readonly Storage[];
  readonly mappings: ReadonlyMap<string, PciMapping>;
  readonly ha: HaResource | null;
}

export function readClusterFacts(tree: TextTree, { kind, vmid }: Pick<Guest, 'kind' | 'vmid'>): ClusterFacts {
  return {
    storages: parseStorages(tree.read(STORAGE_PATH)),
    mappings: parsePciMappings(tree.read('/etc/pve/mapping/pci.cfg')),
    ha: findHaResource(`${kind === 'vm' ? 'vm' : 'ct'}:${vmid}`, readHaTexts(tree)),
  };
}

/** Guests of another node as the cluster has their configs, all taken to be stopped, and the placement in force there. */
export function readConfiguredGuests(
  tree: TextTree,
  node: string,
): { readonly guests: readonly Guest[]; readonly placement: Placement | null } {
  const vms = readGuestConfigs(tree, `/etc/pve/nodes/${node}/qemu-server`, parseVmGuest).guests;
  const containers = readGuestConfigs(tree, `/etc/pve/nodes/${node}/lxc`, parseContainerGuest).guests;
  const guests = [...vms, ...containers].map((guest): Guest => ({ ...guest, runtime: null }));
  return { guests: guests.sort((a, b) => a.vmid - b.vmid), placement: readPlacement(tree, node) };
}

/** @throws HostError saying which nodes there are, or where the guest is. */
export function refuseUnknownMove(tree: TextTree, { vmid, node, target }: MoveNames): void {
  if (target === node) throw new HostError('refused', `Guest ${vmid} is to move to ${target}, which is this node`);
  const nodes = tree.list('/etc/pve/nodes');
  if (nodes.includes(target)) return;
  throw new HostError('missing', `There is no node "${target}" in this cluster, which has ${nodes.join(', ')}`);
}

interface MoveNames {
  readonly vmid: number;
  readonly node: string;
  readonly target: string;
}

/** The error for a guest that is not here. */
export function missingGuest(tree: TextTree, { vmid, node }: Pick<MoveNames, 'vmid' | 'node'>): HostError {
  const elsewhere = tree
    .list('/etc/pve/nodes')
    .find(other =>
      ['qemu-server', 'lxc'].some(kind => tree.read(`/etc/pve/nodes/${other}/${kind}/${vmid}.conf`) !== null),
    );
  const where = elsewhere === undefined ? 'nor on another node' : `but on ${elsewhere}: ask there`;
  return new HostError('missing', `Guest ${vmid} is not on node ${node}, ${where}`);
}
