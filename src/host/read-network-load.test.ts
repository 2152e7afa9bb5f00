// Links of devices count, and nothing else.
import { expect, it } from 'vitest';
import { makeTemporaryTree } from '#fixtures/temporary-tree.ts';
import { HostError } from './host-error.ts';
import { openHost } from './open-host.ts';
import { readNetworkMbit } from './read-network-load.ts';

it('readNetworkMbit() adds up the links of devices that are up', () => {
  const link = (name: string, speed: string, device = true) => ({
    [`sys/class/net/${name}/speed`]: speed,
    ...(device && { [`sys/class/net/${name}/device/vendor`]: '0x8086\n' }),
  });
  const tree = makeTemporaryTree({
    ...link('enp1s0f0', '25000\n'),
    ...link('enp1s0f1', '25000\n'),
    ...link('eno1', '-1\n'),
    ...link('vmbr0', '10000\n', false),
    // A virtual function says the speed of its card.
    ...link('enp1s0f0v0', '25000\n'),
    'sys/class/net/enp1s0f0v0/device/physfn/vendor': '0x8086\n',
    'sys/class/net/lo/mtu': '65536\n',
  });
  expect(readNetworkMbit(openHost(tree))).toBe(50_000);
});

it('readNetworkMbit() knows nothing of a tree without interfaces, and counts none on a host that has none', () => {
  expect(readNetworkMbit(openHost(makeTemporaryTree({})))).toBeNull();
  expect(readNetworkMbit(openHost(makeTemporaryTree({ 'sys/class/net/lo/mtu': '65536\n' })))).toBe(0);
});

it('readNetworkMbit() counts a link that cannot be read for nothing', () => {
  const tree = {
    list: (path: string) => (path === '/sys/class/net' ? ['eth0'] : ['device']),
    read: () => {
      throw new HostError('refused', 'invalid argument');
    },
  };
  expect(readNetworkMbit(tree)).toBe(0);
});
