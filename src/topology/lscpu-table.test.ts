// What a table of lscpu makes of its CPUs, and what it says that it cannot tell.
import { describe, expect, it } from 'vitest';
import { encodeIdList } from '#domain/id-list.ts';
import { makeRow } from './lscpu-row.ts';
import { makeTopologyFromRows } from './lscpu-table.ts';

/** A table from its columns and rows, both with one blank between cells. */
function read(header: string, ...rows: readonly string[]) {
  const columns = header.split(' ');
  const made = rows.map((row, index) =>
    makeRow(
      index + 2,
      row.split(' ').map((value, column) => [columns[column] ?? '', value] as const),
    ),
  );
  return makeTopologyFromRows('lscpu -e', made, columns);
}

const NO_ONLINE = 'online CPUs: no column tells which of the CPUs are online';
const NO_PRESENT = 'present CPUs: lscpu may have left out those that are offline';
const NEVER = 'model, core kinds, sizes of caches and of memory, distances: not in the table';
const NO_EMPTY_NODES = 'NUMA nodes without CPUs: not in the table';
const RESTARTED = 'CPUs with one core number have different caches: lscpu numbers each processor type anew';

describe('makeTopologyFromRows()', () => {
  it('places every core in its package, LLC domain and node', () => {
    const found = read('CPU CORE SOCKET NODE L2 L3', '3 1 1 8 1 1', '1 0 0 0 0 0', '2 1 1 8 1 1', '0 0 0 0 0 0');
    const [low, high] = [
      { package: 0, llc: 0, node: 0, kind: null },
      { package: 1, llc: 2, node: 8, kind: null },
    ];
    expect(found).toMatchObject({ tool: 'lscpu -e', model: null, cores: [low, high] });
    expect(found.cores?.map(({ id, cpus }) => [id, encodeIdList(cpus)])).toEqual([
      [0, '0-1'],
      [2, '2-3'],
    ]);
    expect(found.llcs).toMatchObject([
      { id: 0, level: 3, sizeKiB: null },
      { id: 2, level: 3, sizeKiB: null },
    ]);
    expect(found.nodes).toMatchObject([
      { id: 0, memoryMiB: null, distances: new Map() },
      { id: 8, memoryMiB: null, distances: new Map() },
    ]);
  });

  it('leaves the places of a core null that the table does not have', () => {
    expect(read('CPU CORE', '0 0').cores).toMatchObject([{ package: null, llc: null, node: null }]);
  });

  it('takes the highest cache that each CPU has, and tells caches of two levels apart', () => {
    const { llcs } = read('CPU L10 L2 L1d L1i', '0 - 0 0 0', '1 - 0 0 1', '2 - 1 0 0', '3 - - 0 0');
    expect(llcs?.map(({ level, cpus }) => [level, encodeIdList(cpus)])).toEqual([
      [2, '0-1'],
      [2, '2'],
      [1, '3'],
    ]);
  });

  it('tells offline CPUs by what they lack, and online ones only where every row says so', () => {
    const bySocket = read('CPU SOCKET', '0 0', '1 -');
    expect([bySocket.present, bySocket.online].map(cpus => cpus && encodeIdList(cpus))).toEqual(['0-1', '0']);
    expect(read('CPU NODE ONLINE', '0 0 yes', '1 0 joo').online).toBeNull();
  });

  it('does not take numbers for restarted where a row has too few caches, or no core', () => {
    const shifted = read('CPU CORE SOCKET L2:L3', '0 0 0 0:0', '1 0 0 0');
    expect(shifted.cores?.map(({ cpus }) => encodeIdList(cpus))).toEqual(['0-1']);
    expect(read('CPU SOCKET L2', '0 0 0', '1 0 1').packages).toHaveLength(1);
  });

  it.each([
    [
      ['CPU', '0', '1'],
      [
        NO_ONLINE,
        NO_PRESENT,
        NEVER,
        'packages: the table has no SOCKET column',
        'LLC domains: the table has no column of caches',
        'NUMA nodes: the table has no NODE column',
        'cores: the table has no CORE column',
      ],
    ],
    [
      ['CPU CORE SOCKET NODE L2', '0 0 0 0 0', '1 1 0 0 1'],
      [NO_PRESENT, NEVER, NO_EMPTY_NODES],
    ],
    [
      ['CPU CORE SOCKET NODE L2 ONLINE', '0 0 0 0 0 yes', '1 - - - - no'],
      [NEVER, NO_EMPTY_NODES],
    ],
    [
      ['CPU CORE SOCKET NODE L2:L3', '0 0 0 0 0:0', '1 1 0 - 1'],
      [
        NO_PRESENT,
        NEVER,
        'LLC domains: line 3 has fewer caches than the header, and does not say which',
        'NUMA nodes: the table does not say, line 3',
      ],
    ],
    [
      ['CPU CORE SOCKET NODE L2 L3', '0 0 0 0 0 0', '1 0 0 0 1 0'],
      [NO_PRESENT, NEVER, `packages: ${RESTARTED}`, NO_EMPTY_NODES, `cores: ${RESTARTED}`],
    ],
    [
      ['CPU CORE SOCKET NODE L2 L3', '0 0 0 0 0 0', '1 0 0 0 0 1'],
      [NO_PRESENT, NEVER, `packages: ${RESTARTED}`, NO_EMPTY_NODES, `cores: ${RESTARTED}`],
    ],
    [
      ['CPU CORE SOCKET NODE L2', '0 0 0 0 -'],
      [NO_PRESENT, NEVER, 'LLC domains: no CPU has a cache in the table', NO_EMPTY_NODES],
    ],
  ])('says what %j does not tell', ([header = '', ...rows], unknown) => {
    expect(read(header, ...rows).unknown).toEqual(unknown);
  });

  it.each([
    [['CPU CORE', '0 0', '1 1', '0 0'], '4: CPU 0 has a row already, line 2: are these two outputs?'],
    [['CPU CORE'], '1: The table has no rows'],
  ])('refuses %j', ([header = '', ...rows], message) => {
    expect(() => read(header, ...rows)).toThrow(message);
  });
});
