// What an edit of a config does to the next start.
import { describe, expect, it } from 'vitest';
import type { VmGuest } from '#domain/guest.ts';
import { nodeSet } from '#domain/id-set.ts';
import { makeInventory, makeVm } from '#fixtures/make-inventory.ts';
import { shapes } from '#fixtures/shapes.ts';
import { makeStartHost, nextValues, startBrokenBy } from './predict-next-start.ts';

const host = makeStartHost(makeInventory(shapes.article, []));
const vm = (text: string): VmGuest => ({ ...makeVm(100, 4, { memoryMiB: 4096 }), text });
const set = (key: string, after: string | null) => ({ key, before: null, after });
const PLAIN = 'cores: 4\nmemory: 4096\n';
const NODE_0 = 'cpus=0-3,memory=4096,hostnodes=0,policy=preferred';

describe('nextValues()', () => {
  it('puts what is pending over what is in force, deletions included', () => {
    const text =
      'affinity: 0-3\ncores: 4\nmemory: 4096\nnuma: 1\ntags: a\n[PENDING]\ncores: 2\nballoon: 0\ndelete: affinity,!numa; tags\n[s1]\ncores: 8\n';
    expect(nextValues(text)).toEqual(
      new Map([
        ['cores', '2'],
        ['memory', '4096'],
        ['balloon', '0'],
      ]),
    );
    expect(nextValues('cores: 4\n')).toEqual(new Map([['cores', '4']]));
  });
});

describe('makeStartHost()', () => {
  it('takes CPUs, nodes with and without memory, page sizes and address bits from the inventory', () => {
    const { topology, memory } = makeInventory(shapes['memory-only-node'], []);
    const nodes = topology.nodes.map(node => (node.id === 1 ? { ...node, memoryMiB: 0 } : node));
    const [first] = memory;
    const pages = first ? [{ ...first, hugepages: new Map([[2048, { total: 1, free: 1 }]]) }] : [];
    expect(makeStartHost({ topology: { ...topology, nodes, physicalAddressBits: 46 }, memory: pages })).toEqual({
      onlineCpus: topology.online,
      nodes: nodeSet([0, 1, 2]),
      memoryNodes: nodeSet([0, 2]),
      hugepageSizesKiB: new Set([2048]),
      physicalAddressBits: 46,
    });
    expect(host.physicalAddressBits).toBeNull();
  });
});

describe('startBrokenBy()', () => {
  it.each([
    ['edits that fit', PLAIN, [set('numa', '1'), set('numa0', NODE_0)], null],
    [
      'a memory sum that differs',
      PLAIN,
      [set('numa', '1'), set('numa0', NODE_0.replace('4096', '2048'))],
      'numa-memory-sum',
    ],
    [
      'a host node that is not there',
      PLAIN,
      [set('numa', '1'), set('numa0', NODE_0.replace('hostnodes=0', 'hostnodes=5'))],
      'host-node-missing',
    ],
    ['an affinity without a CPU of this host', PLAIN, [set('affinity', '99')], 'affinity-cpus-missing'],
    [
      'numa taken from under hugepages',
      `${PLAIN}hugepages: 2\nnuma: 1\nnuma0: ${NODE_0}\n`,
      [set('numa', null)],
      'hugepages-without-numa',
    ],
    ['an affinity that is only ignored', PLAIN, [set('affinity', '0')], null],
    ['a guest that did not start before, for the same reason', `${PLAIN}affinity: 99\n`, [set('affinity', '98')], null],
    ['a pending value that is taken back', `${PLAIN}\n[PENDING]\naffinity: 99\n`, [set('affinity', null)], null],
    [
      'what is pending together with the edit',
      `${PLAIN}\n[PENDING]\nmemory: 8192\n`,
      [set('numa', '1'), set('numa0', NODE_0)],
      'numa-memory-sum',
    ],
    [
      'a pending deletion together with the edit',
      `${PLAIN}hugepages: 2\nnuma: 1\nnuma0: ${NODE_0}\n\n[PENDING]\ndelete: hugepages\n`,
      [set('numa', null), set('numa0', null)],
      null,
    ],
  ])('judges %s', (_, text, edits, code) => {
    expect(startBrokenBy(edits, vm(text), host)?.code ?? null).toBe(code);
  });

  it('knows from the address bits of the host how much memory may be hotplugged', () => {
    const inventory = makeInventory(shapes.article, []);
    const text = 'cores: 4\nmemory: 65536\nhotplug: memory\nnuma: 1\n';
    const broken = (physicalAddressBits: number | null) => {
      const topology = { ...inventory.topology, ...(physicalAddressBits !== null && { physicalAddressBits }) };
      return startBrokenBy([set('numa0', NODE_0)], vm(text), makeStartHost({ ...inventory, topology }))?.code ?? null;
    };
    expect(broken(46)).toBe('memory-hotplug-with-numa-lines');
    // Without such a line Proxmox counts with 36 bits: 64 GiB are too much with and without the edit.
    expect(broken(null)).toBeNull();
  });
});
