// The devices behind a mapping, on one node.
import { expect, it } from 'vitest';
import { mappedDevices } from './mapped-devices.ts';

const MAPPINGS = `fast
\tdescription 25 GbE
\tmap id=8086:1572,iommugroup=12,node=pve1,path=0000:81:00.0
\tmap id=8086:1572,node=pve1,path=0000:02:00.0;0000:02:00.1
\tmap id=8086:1572,node=pve2,path=0000:41:00.0

slow
\tmap node=pve1,id=8086:1521,path=0000:03:00
\tmap id=8086:1521,node=pve1
\tmap xnode=pve1,node=pve3,path=0000:04:00
\tmap node=pve4,xpath=0000:05:00
\tmap node=pve4,path=mapping=fast

empty
`;

it.each([
  ['fast', 'pve1', [['0000:81:00.0'], ['0000:02:00.0', '0000:02:00.1']]],
  ['fast', 'pve2', [['0000:41:00.0']]],
  ['slow', 'pve1', [['0000:03:00']]],
  ['slow', 'pve2', []],
  ['slow', 'pve3', [['0000:04:00']]],
  ['slow', 'pve4', []],
  ['empty', 'pve1', []],
  ['none', 'pve1', []],
])('mappedDevices() finds those of %s on %s', (name, node, devices) => {
  expect(mappedDevices(MAPPINGS, name, node)).toEqual(devices);
});
