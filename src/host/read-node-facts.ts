// Reads what this node tells the others about itself, and what another node has told.
import { parseNodeFacts } from '#contract/topology.ts';
import type { Inventory } from '#domain/inventory.ts';
import type { NodeFacts } from '#domain/node-facts.ts';
import type { PciDevice } from '#domain/pci-device.ts';
import type { TextTree } from '#domain/text-tree.ts';
import { hasStorage, parseStorages } from '#proxmox/storages.ts';
import { parsePciDevices } from '#topology/parse-pci-devices.ts';

export const topologyPath = (node: string): string => `/etc/pve/berth/nodes/${node}/topology.json`;

export const STORAGE_PATH = '/etc/pve/storage.cfg';

/** `name` is what the cluster calls the node: a captured tree has another name for it. */
export function readNodeFacts(tree: TextTree, inventory: Inventory, name = inventory.node): NodeFacts {
  const { topology, memory } = inventory;
  const devices = inventory.pciDevices ?? parsePciDevices(tree, topology).devices;
  return {
    node: name,
    topology,
    hugepageSizesKiB: new Set(memory.flatMap(({ hugepages }) => [...hugepages.keys()])),
    pciDevices: devices.length === 0 ? null : namePciDevices(devices),
    snippets: readSnippets(tree, name),
  };
}

/** Address → vendor and device. */
const namePciDevices = (devices: readonly PciDevice[]): ReadonlyMap<string, string> =>
  new Map(devices.map(({ address, vendor, device }) => [address, `${vendor}:${device}`]));

/** Null when the node has published nothing. @throws ParseError naming the file. */
export function readPublishedFacts(tree: TextTree, node: string): NodeFacts | null {
  const path = topologyPath(node);
  const text = tree.read(path);
  return text === null ? null : parseNodeFacts(text, path);
}

/** Of storages that other nodes do not see the files of; null on a captured tree that does not say which storages there are. */
function readSnippets(tree: TextTree, node: string): NodeFacts['snippets'] {
  const text = tree.read(STORAGE_PATH);
  if (text === null) return null;
  const volumes = parseStorages(text).flatMap(storage => {
    const { id, shared, snippets } = storage;
    if (shared || snippets === null || !hasStorage(storage, node)) return [];
    return tree.list(snippets).map(name => `${id}:snippets/${name}`);
  });
  return new Set(volumes);
}
