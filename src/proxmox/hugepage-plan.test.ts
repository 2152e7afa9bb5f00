// Pages by size and host node.
import { describe, expect, it } from 'vitest';
import { cpuSet, nodeSet } from '#domain/id-set.ts';
import { makeHugepagePlan } from './hugepage-plan.ts';
import type { StartHost } from './start-host.ts';

const host: StartHost = {
  onlineCpus: cpuSet([0]),
  nodes: nodeSet([0, 1, 10]),
  memoryNodes: nodeSet([0, 1, 10]),
  hugepageSizesKiB: new Set([2048, 1048576]),
  physicalAddressBits: 40,
};
const plan = (entries: Record<string, string>) =>
  makeHugepagePlan(new Map(Object.entries({ numa: '1', ...entries })), host);
const describePlan = (entries: Record<string, string>) =>
  Object.fromEntries([...(plan(entries) ?? [])].map(([size, pages]) => [size, Object.fromEntries(pages)]));

describe('makeHugepagePlan()', () => {
  it.each<[Record<string, string>, unknown]>([
    [{ memory: '1024', hugepages: '2' }, { 2: { 0: 512 } }],
    [{ memory: '4096', hugepages: 'any', sockets: '2' }, { 1024: { 0: 2, 1: 2 } }],
    [{ memory: '1026', hugepages: 'any' }, { 2: { 0: 513 } }],
    [
      {
        memory: '2050',
        hugepages: 'any',
        numa0: 'cpus=0,memory=1024,hostnodes=1,policy=bind',
        numa1: 'cpus=1,memory=1026,hostnodes=1,policy=bind',
      },
      { 1024: { 1: 1 }, 2: { 1: 513 } },
    ],
    [{ memory: '2048', hugepages: '2', hotplug: 'memory' }, { 2: { 0: 1024 } }],
    [{ memory: '8192', hugepages: '1024', hotplug: 'memory', sockets: '2' }, { 1024: { 0: 4, 1: 4 } }],
  ])('of %j', (entries, expected) => {
    expect(describePlan(entries)).toEqual(expected);
  });

  it.each<Record<string, string>>([{ memory: '1024' }, { memory: '1024', hugepages: '0' }])(
    'is null for %j',
    entries => {
      expect(plan(entries)).toBeNull();
    },
  );

  it.each(['0-1', '0;1', '10'])('refuses the host nodes %s', hostNodes => {
    const numa0 = `cpus=0,memory=1024,hostnodes=${hostNodes},policy=bind`;
    expect(() => plan({ memory: '1024', hugepages: '2', numa0 })).toThrow('more than 1 hostnode value');
  });
});
