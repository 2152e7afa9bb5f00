// The way of host node lists through Proxmox and QEMU, with the lists that change on it.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cpuSet, nodeSet } from '#domain/id-set.ts';
import { explainUnreadableHostNodes, joinHostNodes, parseQemuHostNodes } from './host-node-list.ts';
import { parseNumaEntry } from './numa-entry.ts';
import type { StartHost } from './start-host.ts';

const host = (...nodes: number[]): StartHost => ({
  onlineCpus: cpuSet([0]),
  nodes: nodeSet(nodes),
  memoryNodes: nodeSet(nodes),
  hugepageSizesKiB: new Set(),
  physicalAddressBits: 40,
});
const join = (list: string, ...nodes: number[]) => {
  const { hostNodes } = parseNumaEntry('numa0', `cpus=0,hostnodes=${list}`);
  return joinHostNodes('numa0', hostNodes ?? [], host(...nodes));
};
const all = Array.from({ length: 20 }, (_, node) => node);

describe('joinHostNodes()', () => {
  it.each([
    ['0', '0'],
    ['0-1', '0-1'],
    ['1;2', '1,2'],
    ['0-1;3', '0-1,3'],
    ['0;1', '01'],
    ['0;2-3', '02-3'],
    ['0;1;3', '01,3'],
    ['0;0;1', '00,1'],
  ])('passes %s on as %s', (list, passed) => {
    expect(join(list, ...all)).toBe(passed);
  });

  it.each([
    ['5', [0, 1], 'host NUMA node5'],
    ['0-3', [0, 1, 3], 'host NUMA node2'],
    ['0;9', [0], 'host NUMA node9'],
    ['01', [0, 1], 'host NUMA node01'],
    ['0-99999999999', [0], 'host NUMA node1'],
  ])('refuses %s where there are only %j', (list, nodes, words) => {
    expect(() => join(list, ...nodes)).toThrow(`${words} doesn't exist`);
  });
});

describe('parseQemuHostNodes()', () => {
  it.each([
    ['0', [0]],
    ['0-1', [0, 1]],
    ['01', [1]],
    ['02-3', [2, 3]],
    ['010', [8]],
    ['00', [0]],
  ])('takes %s for %j', (passed, nodes) => {
    expect(parseQemuHostNodes(passed)).toEqual(nodeSet(nodes));
  });

  it.each(['1,2', '01,3', '08', '09', '0-1,3'])('cannot read %s', passed => {
    expect(parseQemuHostNodes(passed)).toBeNull();
  });

  it('gets every single id and every range as the config says it', () => {
    const range = fc
      .tuple(fc.nat({ max: 15 }), fc.nat({ max: 4 }))
      .map(([first, more]) => [first, first + more] as const);
    fc.assert(
      fc.property(range, ([first, last]) => {
        const wanted = all.filter(node => node >= first && node <= last);
        const list = first === last ? `${first}` : `${first}-${last}`;
        expect(parseQemuHostNodes(join(list, ...all))).toEqual(nodeSet(wanted));
      }),
    );
  });
});

describe('explainUnreadableHostNodes()', () => {
  it.each([
    ['1,2', "Invalid parameter '2'"],
    ['0-1,3', "Invalid parameter '3'"],
    ['02,3,5', "Invalid parameter '3'"],
    ['09', "Parameter 'host-nodes' expects a uint64 value or range"],
    ['09,3', "Parameter 'host-nodes' expects a uint64 value or range"],
  ])('of %s: %s', (passed, words) => {
    expect(explainUnreadableHostNodes(passed)).toBe(words);
  });
});
