// Tests of the reading of memory by node.
import { describe, expect, it } from 'vitest';
import { makeShapeTree } from '#fixtures/shape-tree.ts';
import { shapes } from '#fixtures/shapes.ts';
import { makeTextTree } from '#fixtures/text-tree.ts';
import { type NodeMemoryReading, parseNodeMemory } from './parse-node-memory.ts';
import { parseTopology } from './parse-topology.ts';

const NODE = '/sys/devices/system/node/node0';

function read(changes: Record<string, string | null>): NodeMemoryReading {
  const files = makeShapeTree(shapes.tiny);
  const topology = parseTopology(makeTextTree(files));
  for (const [path, text] of Object.entries(changes)) {
    if (text !== null) files.set(path, text);
    else for (const file of [...files.keys()]) if (file === path || file.startsWith(`${path}/`)) files.delete(file);
  }
  return parseNodeMemory(makeTextTree(files), topology);
}

describe('parseNodeMemory()', () => {
  it('reads total, free and available of every node', () => {
    const tree = makeTextTree(makeShapeTree(shapes['memory-only-node']));
    const { memory, unknown } = parseNodeMemory(tree, parseTopology(tree));
    expect(memory.map(({ node, totalMiB, freeMiB, availableMiB }) => [node, totalMiB, freeMiB, availableMiB])).toEqual([
      [0, 128_600, 90_100, 97_100],
      [1, 129_010, 101_300, 106_700],
      [2, 131_072, 131_000, 131_000],
    ]);
    expect(unknown).toEqual([]);
  });

  it('counts page cache and reclaimable slab as available, anonymous memory not', () => {
    const lines = ['MemTotal: 8192 kB', 'MemFree: 1024 kB', 'Active(anon): 4096 kB', 'Active(file): 1024 kB'];
    const more = ['Inactive(file): 1024 kB', 'SReclaimable: 512 kB', 'SUnreclaim: 512 kB', 'HugePages_Total: 0'];
    const meminfo = `${[...lines, ...more].map(line => `Node 0 ${line}`).join('\n')}\n`;
    expect(read({ [`${NODE}/meminfo`]: meminfo }).memory[0]?.availableMiB).toBe(3);
  });

  it('reads hugepages by size', () => {
    const tree = makeTextTree(makeShapeTree(shapes['epyc-nps4']));
    const { memory } = parseNodeMemory(tree, parseTopology(tree));
    expect([...(memory[3]?.hugepages ?? [])]).toEqual([
      [2048, { total: 0, free: 0 }],
      [1_048_576, { total: 16, free: 10 }],
    ]);
  });

  it("takes the machine's own figures where the kernel has no NUMA", () => {
    const { memory } = read({
      '/sys/devices/system/node': null,
      '/proc/meminfo': 'MemTotal: 4194304 kB\nMemFree: 1048576 kB\nMemAvailable: 2097152 kB\n',
      '/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages': '8\n',
      '/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages': '3\n',
    });
    expect(memory).toEqual([
      {
        node: 0,
        totalMiB: 4096,
        freeMiB: 1024,
        availableMiB: 2048,
        hugepages: new Map([[2048, { total: 8, free: 3 }]]),
      },
    ]);
  });

  it('leaves out a node whose memory is not shown, and says so', () => {
    expect(read({ [`${NODE}/meminfo`]: null })).toEqual({
      memory: [],
      unknown: [{ path: `${NODE}/meminfo`, reason: 'not there: the free memory of node 0 is not known' }],
    });
  });

  it.each(['nr_hugepages', 'free_hugepages'])('leaves out a pool that does not show its %s, and says so', name => {
    const { memory, unknown } = read({ [`${NODE}/hugepages/hugepages-2048kB/${name}`]: null });
    expect([...(memory[0]?.hugepages.keys() ?? [])]).toEqual([1_048_576]);
    expect(unknown).toEqual([
      { path: `${NODE}/hugepages/hugepages-2048kB`, reason: 'the number of pages is not known' },
    ]);
  });

  it.each([
    [`${NODE}/meminfo`, 'Node 0 MemTotal:       lots kB\n', 'Cannot parse memory line'],
    [`${NODE}/meminfo`, 'Node 0 MemFree: 5 kB\n', 'There is no MemTotal line'],
    [`${NODE}/hugepages/hugepages-2048kB/nr_hugepages`, 'x\n', 'Cannot parse number "x"'],
  ])('refuses %s with %j', (path, text, message) => {
    expect(() => read({ [path]: text })).toThrow(message);
    expect(() => read({ [path]: text })).toThrow(path);
  });
});
