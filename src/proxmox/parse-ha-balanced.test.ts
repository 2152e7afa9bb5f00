// HA resources, and whether the cluster balances them.
import { describe, expect, it } from 'vitest';
import { parseHaBalanced } from './parse-ha-balanced.ts';

const RESOURCES = [
  'vm: 100',
  '\tgroup fast',
  '\tstate started',
  '',
  'ct: 101',
  '\tstate started',
  '',
  'vm: 102',
  '\tauto-rebalance 0',
  '',
  'vm: 103',
  '\tauto-rebalance 1',
  '',
].join('\n');
const ON = 'keyboard: de\ncrs: ha=dynamic,ha-auto-rebalance=1\n';

describe('parseHaBalanced()', () => {
  it('takes the VMs that did not take themselves out', () => {
    expect([...parseHaBalanced(RESOURCES, ON)]).toEqual([100, 103]);
  });

  it.each(['on', 'yes', 'true', 'TRUE'])('knows the balancer as switched on by %s', word => {
    expect([...parseHaBalanced(RESOURCES, `crs: ha-auto-rebalance=${word}\n`)]).toEqual([100, 103]);
  });

  it('takes sections as they are written, and no others', () => {
    const text = [
      'vm:1',
      '  auto-rebalance   00',
      'vm:  22 ',
      '\tauto-rebalance 0x',
      'vm: 3',
      '\tstate started',
      '\t auto-rebalance  0 ',
      'xvm: 4',
      'vm: 5x',
      '\tvm: 6',
      'vm: 7',
      '\tno-auto-rebalance 0',
      'vm: 8',
      '\tauto-rebalance 0',
    ].join('\n');
    expect([...parseHaBalanced(text, ON)]).toEqual([1, 22, 7]);
  });

  it.each([
    ['no option', ''],
    ['another balancer', 'crs: ha=static,ha-rebalance-on-start=1\n'],
    ['the balancer switched off', 'crs: ha=dynamic,ha-auto-rebalance=0\n'],
    ['the option in a comment', '#crs: ha-auto-rebalance=1\n'],
    ['a longer option', 'crs: ha-auto-rebalance-threshold=1\n'],
    ['an option that ends alike', 'crs: xha-auto-rebalance=1\n'],
    ['an option elsewhere', 'xcrs: ha-auto-rebalance=1\n'],
    ['a longer number', 'crs: ha-auto-rebalance=10\n'],
  ])('takes none with %s', (_, datacenter) => {
    expect([...parseHaBalanced(RESOURCES, datacenter)]).toEqual([]);
  });

  it('takes none without resources', () => {
    expect([...parseHaBalanced('', ON)]).toEqual([]);
  });
});
