// NUMA nodes: which there are, whose the CPUs are, and distances that are odd or not there.
import { describe, expect, it } from 'vitest';
import { encodeIdList, parseCpuList } from '#domain/id-list.ts';
import { makeTextTree } from '#fixtures/text-tree.ts';
import { parseNodes } from './parse-nodes.ts';
import { SysfsReader } from './sysfs-reader.ts';

const NODE = '/sys/devices/system/node';

const TWO_NODES: Readonly<Record<string, string>> = {
  online: '0-1\n',
  'node0/cpulist': '0-1\n',
  'node0/distance': '10 21\n',
  'node0/meminfo': 'Node 0 MemTotal: 1024 kB\n',
  'node1/cpulist': '2-3\n',
  'node1/distance': '21 10\n',
  'node1/meminfo': 'Node 1 MemTotal: 2048 kB\n',
};

/** The nodes of a machine with CPUs 0 to 3; null removes a file of the two nodes. */
function read(changes: Readonly<Record<string, string | null>> = {}) {
  const files = Object.entries({ ...TWO_NODES, ...changes }).flatMap(([name, text]): [string, string][] =>
    text === null ? [] : [[`${NODE}/${name}`, text]],
  );
  const reader = new SysfsReader(makeTextTree(new Map(files)));
  const nodes = parseNodes(reader, parseCpuList('0-3'));
  return {
    nodes: nodes.map(({ id, cpus, memoryMiB, distances }) =>
      [id, encodeIdList(cpus), memoryMiB, [...distances].map(([to, far]) => `${to}=${far}`).join()].join(' '),
    ),
    unknown: reader.unknown.map(({ path, reason }) => `${path.slice(NODE.length + 1)}: ${reason}`),
  };
}

const BOTH = ['0 0-1 1 0=10,1=21', '1 2-3 2 0=21,1=10'];

describe('parseNodes()', () => {
  it('reads CPUs, memory and distances', () => {
    expect(read()).toEqual({ nodes: BOTH, unknown: [] });
  });

  it('takes every directory for a node where no list says which are online', () => {
    expect(read({ online: null })).toEqual({ nodes: BOTH, unknown: [] });
  });

  it('leaves out distances to a node that is online and has no directory', () => {
    const gone = { 'node1/cpulist': null, 'node1/distance': null, 'node1/meminfo': null, 'node0/cpulist': '0-3\n' };
    expect(read(gone)).toEqual({ nodes: ['0 0-3 1 0=10'], unknown: [] });
  });

  it('gives CPUs of a node without lists to the lowest node, and says both', () => {
    expect(read({ 'node1/cpulist': null })).toEqual({
      nodes: ['0 0-3 1 0=10,1=21', '1  2 0=21,1=10'],
      unknown: [
        'node1: neither cpulist nor cpumap: the CPUs of this node are not known',
        ": broken firmware: no node has CPUs 2-3: they count as node 0's",
      ],
    });
  });

  it('has no distances where there is no file', () => {
    expect(read({ 'node1/distance': null })).toEqual({
      nodes: [BOTH[0], '1 2-3 2 '],
      unknown: ['node1/distance: not there: distances from this node are not known'],
    });
  });

  it('takes several blanks between distances', () => {
    expect(read({ 'node0/distance': ' 10   21 \n' }).nodes).toEqual(BOTH);
  });

  it.each(['10 x\n', 'x 21\n', '10 2x\n', '10 x2\n', '10 -1\n', '10 2.1\n'])('refuses the distances %j', text => {
    expect(() => read({ 'node0/distance': text })).toThrow(
      `${NODE}/node0/distance: Cannot parse distances "${text.trimEnd()}"`,
    );
  });

  it('puts a machine without NUMA at a distance of 10 from itself', () => {
    const reader = new SysfsReader(makeTextTree(new Map([['/proc/meminfo', 'MemTotal: 4096 kB\n']])));
    const nodes = parseNodes(reader, parseCpuList('0-3'));
    expect(nodes).toMatchObject([{ id: 0, memoryMiB: 4, distances: new Map([[0, 10]]) }]);
  });
});
