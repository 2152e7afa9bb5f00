// Passthrough devices and their nodes, by address and by mapping.
import { describe, expect, it } from 'vitest';
import { vmId } from '#domain/ids.ts';
import { makeTemporaryTree } from '#fixtures/temporary-tree.ts';
import { parseVmGuest } from '#proxmox/parse-vm-guest.ts';
import { openHost } from './open-host.ts';
import { readDeviceNodes } from './read-device-nodes.ts';

const devices = { '0000:01:00.0': '0', '0000:01:00.1': '0', '0000:81:00.0': '1', '0000:c1:00.0': '-1' };
const MAPPINGS = [
  'gpu\n\tmap id=10de:2204,node=pve,path=0000:81:00.0\n\tmap id=10de:2204,node=other,path=0000:01:00.0\n\n',
  'any\n\tmap id=10de:2204,node=pve,path=0000:01:00.0\n\tmap id=10de:2204,node=pve,path=0000:81:00.0\n',
];
const TREE = {
  'etc/pve/mapping/pci.cfg': MAPPINGS.join(''),
  ...Object.fromEntries(
    Object.entries(devices).map(([address, node]) => [`sys/bus/pci/devices/${address}/numa_node`, `${node}\n`]),
  ),
};

function nodesOf(text: string): Record<string, number> {
  const file = { vmid: vmId(100), configPath: '/100.conf', digest: '', text };
  const host = openHost(makeTemporaryTree(TREE));
  return Object.fromEntries(readDeviceNodes(host, 'pve', parseVmGuest(file).guest));
}

describe('readDeviceNodes()', () => {
  it.each([
    ['an address', 'hostpci0: 0000:81:00.0,pcie=1\n', { hostpci0: 1 }],
    ['a short address for all functions', 'hostpci0: 01:00\n', { hostpci0: 0 }],
    ['a mapping, by its entry of this node', 'hostpci1: mapping=gpu\n', { hostpci1: 1 }],
    ['what it starts with next', 'hostpci0: 81:00.0\n\n[PENDING]\nhostpci0: 01:00.0\n', { hostpci0: 0 }],
    ['several devices', 'hostpci0: 81:00.0\nhostpci1: 01:00.0\n', { hostpci0: 1, hostpci1: 0 }],
  ])('tells the node of %s', (_, text, expected) => {
    expect(nodesOf(text)).toEqual(expected);
  });

  it.each([
    ['a device that is being removed', 'hostpci0: 81:00.0\n\n[PENDING]\ndelete: hostpci0\n'],
    ['a device without a node', 'hostpci0: c1:00.0\n'],
    ['a device that is not there', 'hostpci0: 41:00.0\n'],
    ['devices near different nodes', 'hostpci0: 01:00.0;81:00.0\n'],
    ['a mapping with devices near different nodes', 'hostpci0: mapping=any\n'],
    ['a mapping that is not there', 'hostpci0: mapping=none\n'],
    ['a VM without devices', 'cores: 2\n'],
  ])('tells nothing of %s', (_, text) => {
    expect(nodesOf(text)).toEqual({});
  });
});
