// The odd forms of numactl, and texts that only look like its output.
import { describe, expect, it } from 'vitest';
import { encodeIdList } from '#domain/id-list.ts';
import { parseNumactlText } from './parse-numactl-text.ts';

const NODE_0 = ['node 0 cpus: 0 1', 'node 0 size: 64 MB', 'node 0 free: 3 MB'];
const NO_DISTANCES = 'No distance information available.';
const text = (...lines: readonly string[]): string => `${lines.join('\n')}\n`;

const describeNodes = (input: string): readonly string[] =>
  (parseNumactlText(input).nodes ?? []).map(({ id, cpus, memoryMiB, distances }) =>
    [id, cpus ? encodeIdList(cpus) : 'unknown', memoryMiB, [...distances].map(([to, d]) => `${to}=${d}`).join()].join(
      ' ',
    ),
  );

describe('parseNumactlText()', () => {
  it.each([
    [
      'one node',
      text('available: 1 nodes (0)', ...NODE_0, 'node distances:', 'node   0', '  0:  10'),
      ['0 0-1 64 0=10'],
    ],
    ['no distances', text('available: 1 nodes (0)', ...NODE_0, NO_DISTANCES), ['0 0-1 64 ']],
    [
      'a size that is not available',
      text(
        'available: 1 nodes (0)',
        'node 0 cpus: 0',
        'node 0 size: <not available>',
        'node 0 free: <not available>',
        NO_DISTANCES,
      ),
      ['0 0  '],
    ],
    [
      'compressed CPUs and a node of memory alone',
      text(
        'available: 2 nodes (0,33)',
        'node 0 cpus: 0-3, 8 (5)',
        'node 0 size: 64 MB',
        'node 0 free: 3 MB',
        'node 33 cpus: (0)',
        'node 33 size: 0 MB',
        'node 33 free: 0 MB',
        'node distances:',
        'node   0  33 ',
        '  0:  10  17 ',
        ' 33:  28  10 ',
      ),
      ['0 0-3,8 64 0=10,33=17', '33  0 0=28,33=10'],
    ],
    [
      'a node without CPUs, as older versions print it',
      text('available: 1 nodes (4)', 'node 4 cpus:', 'node 4 size: 5 MB', 'node 4 free: 5 MB', NO_DISTANCES),
      ['4  5 '],
    ],
    ['one node in good English', text('available: 1 node (0)', ...NODE_0, NO_DISTANCES), ['0 0-1 64 ']],
    [
      'several blanks between CPUs',
      text('available: 1 nodes (0)', 'node 0 cpus:  0  1,  2', 'node 0 size: 64 MB', 'node 0 free: 3 MB', NO_DISTANCES),
      ['0 0-2 64 '],
    ],
    [
      'more than nine nodes',
      text(
        'available: 10 nodes (0-9)',
        ...Array.from({ length: 10 }, (_, id) =>
          NODE_0.map(line => line.replace('0 1', `${id}`).replace('node 0', `node ${id}`)),
        ).flat(),
        NO_DISTANCES,
      ),
      Array.from({ length: 10 }, (_, id) => `${id} ${id} 64 `),
    ],
  ])('reads %s', (_, input, nodes) => {
    expect(describeNodes(input)).toEqual(nodes);
  });

  it('gives no node CPUs that another has as well', () => {
    const twice = text(
      'available: 2 nodes (0-1)',
      ...NODE_0,
      ...NODE_0.map(line => line.replace('node 0', 'node 1')),
      NO_DISTANCES,
    );
    expect(describeNodes(twice)).toEqual(['0 unknown 64 ', '1 unknown 64 ']);
    expect(parseNumactlText(twice).unknown.join()).toContain('CPUs of node 1: nodes 0 have some');
    const thrice = text(
      'available: 3 nodes (0-2)',
      ...[0, 1, 2].flatMap(id => NODE_0.map(line => line.replace('node 0', `node ${id}`))),
      NO_DISTANCES,
    );
    expect(parseNumactlText(thrice).unknown.join()).toContain('CPUs of node 1: nodes 0, 2 have some');
  });

  it.each([
    ['a count that is not the list', ['available: 2 nodes (0)', ...NODE_0, NO_DISTANCES], 1],
    ['a reversed list of nodes', ['available: 2 nodes (1-0)', ...NODE_0, NO_DISTANCES], 1],
    ['no nodes', ['No NUMA available on this system'], 1],
    ['no text', [], 1],
    ['nodes in another order', ['available: 1 nodes (1)', ...NODE_0, NO_DISTANCES], 2],
    ['a CPU that is no number', ['available: 1 nodes (0)', 'node 0 cpus: 0 x', NO_DISTANCES], 2],
    [
      'a reversed range',
      ['available: 1 nodes (0)', 'node 0 cpus: 3-1 (3)', 'node 0 size: 1 MB', 'node 0 free: 1 MB', NO_DISTANCES],
      2,
    ],
    [
      'a wrong count of CPUs',
      ['available: 1 nodes (0)', 'node 0 cpus: 0-3 (3)', 'node 0 size: 1 MB', 'node 0 free: 1 MB', NO_DISTANCES],
      2,
    ],
    ['a size in another unit', ['available: 1 nodes (0)', 'node 0 cpus: 0', 'node 0 size: 1 GB'], 3],
    ['a missing line', ['available: 1 nodes (0)', 'node 0 cpus: 0', 'node 0 free: 1 MB', NO_DISTANCES], 3],
    ['an end before the distances', ['available: 1 nodes (0)', ...NODE_0], 4],
    ['an end within the distances', ['available: 1 nodes (0)', ...NODE_0, 'node distances:'], 5],
    ['a matrix of other nodes', ['available: 1 nodes (0)', ...NODE_0, 'node distances:', 'node   1', '  1:  10'], 6],
    ['a row too short', ['available: 1 nodes (0)', ...NODE_0, 'node distances:', 'node   0', '  0:'], 7],
    ['a row too long', ['available: 1 nodes (0)', ...NODE_0, 'node distances:', 'node   0', '  0:  10  20'], 7],
    ['a distance below 10', ['available: 1 nodes (0)', ...NODE_0, 'node distances:', 'node   0', '  0:  1'], 7],
    ['more after the end', ['available: 1 nodes (0)', ...NODE_0, NO_DISTANCES, 'policy: default'], 6],
  ])('rejects %s at its line', (_, lines, line) => {
    expect(() => parseNumactlText(text(...lines))).toThrow(expect.objectContaining({ position: { line } }));
  });

  it.each([
    [['available: 2 nodes (0)', ...NODE_0, NO_DISTANCES], '2 nodes are announced, and the list (0) has 1'],
    [['Available: 1 nodes (0)'], 'Expected "available: N nodes (LIST)", found "Available: 1 nodes (0)"'],
    [['xavailable: 1 nodes (0)'], 'found "xavailable: 1 nodes (0)"'],
    [['available: 1 nodes (0) x'], 'found "available: 1 nodes (0) x"'],
    [['available: 1 nodes (0)'], 'The text ends here: expected "node 0 cpus: …" next'],
    [
      ['available: 1 nodes (0)', 'node 0 cpus: 0', 'node 0 size: 1 GB'],
      'Expected "node 0 size: …", found "node 0 size: 1 GB"',
    ],
    [
      ['available: 1 nodes (0)', 'node 0 cpus: 0-3 (3)', 'node 0 size: 1 MB', 'node 0 free: 1 MB', NO_DISTANCES],
      '3 CPUs are announced, and the list "0-3" has 4',
    ],
    [
      ['available: 1 nodes (0)', ...NODE_0, 'distances:'],
      'Expected "node distances:" or "No distance information available.", found "distances:"',
    ],
    [
      ['available: 1 nodes (0)', ...NODE_0, 'node distances:', 'nodes'],
      'Expected "node" and the ids of the nodes, found "nodes"',
    ],
    [['available: 1 nodes (0)', ...NODE_0, 'node distances:', 'node   1'], 'Expected the nodes 0, found 1'],
    [
      ['available: 1 nodes (0)', ...NODE_0, 'node distances:', 'node   0', '  1:  10'],
      'Expected the distances from node 0, found "1:  10"',
    ],
    [
      ['available: 1 nodes (0)', ...NODE_0, 'node distances:', 'node   0', '  0:  10  20'],
      'Expected 1 distances, found 2',
    ],
    [
      ['available: 1 nodes (0)', ...NODE_0, 'node distances:', 'node   0', '  0:  9'],
      'No distance is below 10, found 9',
    ],
    [['available: 1 nodes (0)', ...NODE_0, NO_DISTANCES, ' policy: x'], 'Expected nothing more, found "policy: x"'],
    [['available: 1 nodes (0)', ...NODE_0, `x${NO_DISTANCES}`], 'Expected "node distances:"'],
    [['available: 1 nodes (0)', ...NODE_0, `${NO_DISTANCES}x`], 'Expected "node distances:"'],
    [['available: 1 nodes (0)', ...NODE_0, 'xnode distances:', 'node   0', '  0:  10'], 'Expected "node distances:"'],
    [['available: 1 nodes (0)', ...NODE_0, 'node distances: x', 'node   0', '  0:  10'], 'Expected "node distances:"'],
    [['available: 1 nodes (0)', ...NODE_0, 'node distances:', 'xnode   0', '  0:  10'], 'the ids of the nodes'],
    [['available: 1 nodes (0)', ...NODE_0, 'node distances:', 'node   0 x', '  0:  10'], 'the ids of the nodes'],
    [['available: 1 nodes (0)', ...NODE_0, 'node distances:', 'node   1 2'], 'Expected the nodes 0, found 1 2'],
    [
      [
        'available: 2 nodes (0-1)',
        ...NODE_0,
        ...['node 1 cpus: 2', 'node 1 size: 1 MB', 'node 1 free: 1 MB'],
        ...['node distances:', 'node   0'],
      ],
      'Expected the nodes 0 1, found 0',
    ],
    [
      ['available: 1 nodes (0)', ...NODE_0, 'node distances:', 'node   0', '  0:  65536'],
      'Expected a distance, found "65536"',
    ],
  ])('says what is wrong with %j', (lines, message) => {
    expect(() => parseNumactlText(text(...lines))).toThrow(message);
  });

  it('says what numactl never tells', () => {
    const input = text('available: 1 nodes (0)', ...NODE_0, 'node distances:', 'node   0', '  0:  10');
    expect(parseNumactlText(input).unknown).toEqual([
      'present and online CPUs: numactl lists the CPUs of nodes, offline ones among them on some kernels',
      'model, packages, LLC domains and cores: numactl knows only NUMA nodes',
    ]);
  });

  it('says what numactl cannot tell', () => {
    const missing = ['node 0 size: <not available>', 'node 0 free: <not available>'];
    const input = text('available: 1 nodes (0)', 'node 0 cpus: 0', ...missing, NO_DISTANCES);
    expect(parseNumactlText(input)).toMatchObject({
      tool: 'numactl --hardware',
      unknown: [
        'present and online CPUs: numactl lists the CPUs of nodes, offline ones among them on some kernels',
        'model, packages, LLC domains and cores: numactl knows only NUMA nodes',
        'memory of node 0: numactl says it is not available',
        'distances: numactl says that there are none',
      ],
    });
  });
});
