// Passthrough values and resource mappings.
import { expect, it } from 'vitest';
import { parseHostPci, parsePciMappings } from './pci-mappings.ts';

it('parsePciMappings() lists the nodes of each mapping', () => {
  const text =
    'gpu\n\tmap id=10de:2204,node=pve1,path=0000:01:00.0\n\tmap id=10de:2204,path=0000:41:00.0,node=pve2\n\nnic\n\tlive-migration-capable 1\n\tmap node=pve3\n\tmap xnode=pve4\n\nold\n\tlive-migration-capable 0\n';
  const mappings = parsePciMappings(text);
  expect(mappings.get('gpu')).toEqual({ nodes: new Set(['pve1', 'pve2']), liveMigration: false });
  expect(mappings.get('nic')).toEqual({ nodes: new Set(['pve3']), liveMigration: true });
  expect(mappings.get('old')).toEqual({ nodes: new Set(), liveMigration: false });
  expect(parsePciMappings(null).size).toBe(0);
});

it.each([
  ['01:00', ['0000:01:00']],
  ['01:00.1,pcie=1', ['0000:01:00.1']],
  ['host=0000:81:00.0;81:00.1,x-vga=1', ['0000:81:00.0', '0000:81:00.1']],
  ['pcie=1,0000:0A:00.0', ['0000:0a:00.0']],
  ['host=10000:01:00.0', ['10000:01:00.0']],
  ['host=;01:00;', ['0000:01:00']],
  ['xhost=81:00,01:00', ['0000:01:00']],
  ['host=x0000:01:00', ['0000:x0000:01:00']],
])('parseHostPci() of the addresses in %j', (value, addresses) => {
  expect(parseHostPci(value)).toEqual({ kind: 'addresses', addresses });
});

it('parseHostPci() knows a mapping, and a value without a device', () => {
  expect(parseHostPci('mapping=gpu,pcie=1')).toEqual({ kind: 'mapping', name: 'gpu' });
  expect(parseHostPci('pcie=1')).toBeNull();
  expect(parseHostPci('host=,pcie=1')).toBeNull();
  expect(parseHostPci('xmapping=gpu')).toBeNull();
});
