// lstopo XML of three formats: where each keeps nodes, caches and kinds of cores, and files that make no machine.
import { describe, expect, it } from 'vitest';
import { ParseError } from '#domain/errors.ts';
import { encodeIdList } from '#domain/id-list.ts';
import type { CpuSet } from '#domain/id-set.ts';
import { parseLstopoXml } from './parse-lstopo-xml.ts';

const pu = (cpu: number): string => `<object type="PU" os_index="${cpu}"/>`;
const core = (...cpus: readonly number[]): string => `<object type="Core">${cpus.map(pu).join('')}</object>`;
const node = (id: number, cpuset: string, more = ''): string =>
  `<object type="NUMANode" os_index="${id}" cpuset="${cpuset}" ${more}`;

/** A package with the objects in it, in a machine; each starts a line: 1 topology, 2 machine, 3 package, 4 the first object. */
const machine = (
  objects: readonly string[],
  { version = ' version="2.0"', more = '', complete = '0x0000000f' } = {},
): string =>
  [
    `<topology${version}>`,
    `<object type="Machine" complete_cpuset="${complete}" local_memory="2097152">`,
    '<object type="Package" os_index="1">',
    ...objects,
    `</object></object>${more}</topology>`,
  ].join('\n');

const sets = (groups: ReadonlyArray<{ readonly id: number; readonly cpus: CpuSet | null }> | null): string =>
  groups?.map(({ id, cpus }) => `${id}=${cpus ? encodeIdList(cpus) : '?'}`).join(' ') ?? '?';

describe('parseLstopoXml()', () => {
  it('knows a last level by its depth, not by instructions nor by memory', () => {
    const { llcs } = parseLstopoXml(
      machine([
        '<object type="L3Cache" subtype="MemorySideCache" cache_size="1048576">',
        '<object type="MemCache">',
        '<object type="L2Cache" cache_size="65536">',
        `<object type="L1Cache" cache_size="1024"><object type="L1iCache">${core(0)}</object></object>`,
        '</object>',
        `<object type="L2Cache">${core(1)}</object>`,
        '</object></object>',
        core(2),
      ]),
    );
    expect(llcs).toMatchObject([
      { id: 0, level: 2, sizeKiB: 64 },
      { id: 1, level: 2, sizeKiB: null },
    ]);
    expect(sets(llcs)).toBe('0=0 1=1');
  });

  it('puts each core where its lowest CPU is, everything in ascending order', () => {
    const found = parseLstopoXml(
      machine([
        node(1, '0x2', '/>'),
        node(0, '0xc', '/>'),
        `<object type="L3Cache" cache_size="12288">${core(3, 2)}</object></object><object type="Package" os_index="0">`,
        `<object type="L3Cache" cache_size="1x">${core(1)}</object><object type="L3Cache" cache_size="x1">${core(0)}</object>`,
      ]),
    );
    expect(found.cores).toMatchObject([
      { id: 0, package: 0, llc: 0, node: null },
      { id: 1, package: 0, llc: 1, node: 1 },
      { id: 2, package: 1, llc: 2, node: 0 },
    ]);
    expect([found.packages, found.llcs, found.nodes, found.cores].map(sets)).toEqual([
      '0=0-1 1=2-3',
      '0=0 1=1 2=2-3',
      '0=2-3 1=1',
      '0=0 1=1 2=2-3',
    ]);
    expect(found.llcs?.map(({ sizeKiB }) => sizeKiB)).toEqual([null, null, 12]);
  });

  it('puts packages in the order of their numbers', () => {
    const other = `</object><object type="Package" os_index="0">${core(1)}`;
    expect(sets(parseLstopoXml(machine([core(0), other])).packages)).toBe('0=1 1=0');
  });

  it('knows a core without package and cache', () => {
    const { cores } = parseLstopoXml(`<topology><object type="Machine">${core(0)}</object></topology>`);
    expect(cores).toMatchObject([{ id: 0, package: null, llc: null, node: 0 }]);
  });

  it.each([
    ['12', 12],
    ['1x', 0],
    ['x1', 0],
    ['', 0],
  ])('numbers a package %j as %i', (index, id) => {
    const text = `<topology><object type="Machine"><object type="Package" os_index="${index}">${core(0)}</object></object></topology>`;
    expect(parseLstopoXml(text).packages?.map(found => found.id)).toEqual([id]);
  });

  it('takes no object for a cache that only looks like one, nor one before the memory', () => {
    const { llcs } = parseLstopoXml(
      machine([
        '<object type="xL3Cache"><object type="L3Cachex"><object type="Cache" depth="3">',
        '<info name="Type" value="MemorySideCache"/><object type="L2Cache">',
        core(0),
        '</object></object></object></object>',
      ]),
    );
    expect(llcs).toMatchObject([{ level: 2 }]);
  });

  it.each([
    ['local_memory="x1048576"', null],
    ['local_memory="1048576x"', null],
    ['local_memory="1572864"', 1],
    ['', 0],
  ])('reads the memory of a node with %j', (more, memoryMiB) => {
    expect(parseLstopoXml(machine([node(0, '0x1', `${more}/>`), core(0)])).nodes).toMatchObject([{ memoryMiB }]);
  });

  it('knows a node that has no cpuset as one without CPUs', () => {
    const { nodes } = parseLstopoXml(machine(['<object type="NUMANode" os_index="0"/>', core(0)]));
    expect(nodes?.map(({ cpus }) => cpus?.isEmpty)).toEqual([true]);
  });

  it('reads caches, sockets and distances of format 1', () => {
    const { llcs, packages, nodes } = parseLstopoXml(
      [
        '<topology><object type="Machine" complete_cpuset="0x3">',
        '<distances nbobjs="1" relative_depth="1" latency_base="10.0"><latency value="1.0"/></distances>',
        '<distances nbobjs="2" relative_depth="1" latency_base="10.0">',
        '<latency value="1.0"/><latency value="2.1"/><latency value="1.6"/><latency value="1.0"/></distances>',
        `${node(0, '0x1', 'local_memory="1048576">')}<object type="Socket" os_index="4"><object type="Cache" depth="2" cache_type="0">`,
        `<object type="Cache" depth="3" cache_type="2">${core(0)}</object></object></object></object>`,
        `${node(8, '0x2')}><object type="Socket" os_index="4">${core(1)}</object></object>`,
        '</object></topology>',
      ].join('\n'),
    );
    expect(llcs).toMatchObject([{ id: 0, level: 2 }]);
    expect(sets(packages)).toBe('4=0 5=1');
    expect(nodes).toMatchObject([
      {
        id: 0,
        memoryMiB: 1,
        distances: new Map([
          [0, 10],
          [8, 21],
        ]),
      },
      {
        id: 8,
        memoryMiB: 0,
        distances: new Map([
          [0, 16],
          [8, 10],
        ]),
      },
    ]);
  });

  it('takes a machine without nodes as one', () => {
    const { nodes } = parseLstopoXml(machine([core(0, 1)], { version: '' }));
    expect(nodes).toMatchObject([{ id: 0, memoryMiB: 2 }]);
    expect(sets(nodes)).toBe('0=0-1');
  });

  it('gives CPUs to none of the nodes that are near them', () => {
    const { nodes, cores, unknown } = parseLstopoXml(
      machine([node(0, '0x1', '/>'), node(1, '0x2', '/>'), node(2, '0x2', '/>'), core(0), core(1)]),
    );
    expect(sets(nodes)).toBe('0=0 1=? 2=?');
    expect(cores?.map(found => found.node)).toEqual([0, null]);
    expect(unknown.join('\n')).toContain('CPUs of node 2: nodes 1 have some of them as well');
  });

  it('says which CPUs it cannot tell from offline ones', () => {
    const { present, online, unknown } = parseLstopoXml(machine([core(0, 2)]));
    expect([present, online].map(cpus => cpus && encodeIdList(cpus))).toEqual(['0-3', '0,2']);
    expect(unknown).toContain('CPUs 1,3: offline, or lstopo was not allowed to show them');
  });

  const intel = (set: string, name: string): string =>
    `<cpukind cpuset="${set}" forced_efficiency="0"><info name="CoreType" value="${name}"/></cpukind>`;

  it.each([
    ['no kinds', '', [null, null]],
    ['one kind', '<cpukind cpuset="0x3"><info name="FrequencyMaxMHz" value="3800"/></cpukind>', ['uniform', 'uniform']],
    ['two kinds of Intel', intel('0x2', 'IntelAtom') + intel('0x1', 'IntelCore'), ['performance', 'efficiency']],
    ['one kind that nobody knows', intel('0x2', 'Small') + intel('0x1', 'IntelCore'), ['performance', null]],
    [
      'a kind among other infos',
      `<cpukind cpuset="0x1"><info name="A" value="B"/><info name="CoreType" value="IntelAtom"/></cpukind>${intel('0x2', 'IntelCore')}`,
      ['efficiency', 'performance'],
    ],
    ['kinds without a name', '<cpukind cpuset="0x1"/><cpukind cpuset="0x2"/>', [null, null]],
    ['kinds that nobody knows', intel('0x2', 'Small') + intel('0x1', 'Big'), [null, null]],
  ])('reads %s', (_, more, kinds) => {
    const { cores, unknown } = parseLstopoXml(machine([core(0), core(1)], { more }));
    expect(cores?.map(({ kind }) => kind)).toEqual(kinds);
    expect(unknown.some(reason => reason.startsWith('core kinds'))).toBe(kinds.includes(null));
  });

  it('reads wide cpusets, in which empty words are zero', () => {
    const { nodes } = parseLstopoXml(
      machine([node(0, '0x80000000,,0x1', '/>'), core(0), core(95)], { complete: '0xffffffff,,0xf' }),
    );
    expect(sets(nodes)).toBe('0=0,95');
  });

  it('reads a cpuset of as many words as there may be', () => {
    const { nodes } = parseLstopoXml(machine([node(0, `${','.repeat(2047)}0x1`, '/>'), core(0)]));
    expect(sets(nodes)).toBe('0=0');
  });

  it('leaves cores and packages unknown when some CPUs are in none', () => {
    const found = parseLstopoXml(
      '<topology><object type="Machine"><object type="PU" os_index="0"/></object></topology>',
    );
    expect([found.cores, found.packages, found.llcs, found.present, found.model]).toEqual([
      null,
      null,
      null,
      null,
      null,
    ]);
  });

  it('passes over infos without an object or a value, and numbers outside a matrix', () => {
    const stray = '<latency value="1"/><indexes>0</indexes><u64values>10</u64values><info name="A" value="B"/>';
    const { model } = parseLstopoXml(machine(['<info name="CPUModel"/>', core(0)], { more: stray }));
    expect(model).toBeNull();
  });

  it.each([
    ['', true],
    ['name="NUMALatency"', true],
    ['name="NUMABandwidth"', false],
  ])('takes a matrix of nodes with %j for distances: %s', (name, taken) => {
    const values = '<indexes>0</indexes><u64values>10</u64values>';
    const more = `<distances2 type="NUMANode" nbobjs="1" ${name}>${values}</distances2>`;
    const { nodes } = parseLstopoXml(machine([node(0, '0x1', '/>'), core(0)], { more }));
    expect(nodes?.[0]?.distances.size).toBe(taken ? 1 : 0);
  });

  it('takes no latencies of other objects for distances, and a matrix of some nodes for theirs', () => {
    const others = matrix('0 1', '10 20 20 10').replace('NUMANode', 'PU');
    const three = [node(0, '0x1', '/>'), node(1, '0x2', '/>'), node(2, '0x4', '/>'), core(0)];
    const found = (more: string) =>
      parseLstopoXml(machine(three, { more })).nodes?.map(({ distances }) => distances.size);
    expect(found(others)).toEqual([0, 0, 0]);
    expect(found(matrix('0 1', '10 20 20 10'))).toEqual([2, 2, 0]);
  });

  it('keeps the numbers of lines where blank lines and a declaration come first', () => {
    const declaration = '<?xml version="1.0" encoding="UTF-8"?>';
    expect(failureOf(`\n\n${declaration}\n<svg/>`).position.line).toBe(4);
    expect(failureOf(`${machine([core(0)])}\n${declaration}`).position.line).toBe(6);
    expect(parseLstopoXml(`${declaration}${machine([core(0)], { version: ' version="2.10"' })}`).tool).toBe(
      'lstopo XML',
    );
  });

  it('takes the model from wherever it stands, and leaves other matrices aside', () => {
    const matrix = '<distances2 type="OSDev" nbobjs="2" name="Bandwidth"><indexes>1 2</indexes></distances2>';
    const found = parseLstopoXml(machine(['<info name="CPUModel" value="A &amp; B"/>', core(0)], { more: matrix }));
    expect(found.model).toBe('A & B');
    expect(found.nodes?.[0]?.distances.size).toBe(0);
  });

  const matrix = (nodes: string, values: string): string =>
    `<distances2 type="NUMANode" nbobjs="2" name="NUMALatency"><indexes>${nodes}</indexes><u64values>${values}</u64values></distances2>`;
  const two = [node(0, '0x1', '/>'), node(1, '0x2', '/>'), core(0), core(1)];

  it.each([
    ['an element that stays open', '<topology>\n<object type="Machine">\n', 3],
    ['an element closed by another', '<topology>\n</object>', 2],
    ['an entity from nowhere', '<topology>\n<info name="&x;"/></topology>', 2],
    ['text behind the end', `${machine([core(0)])}\nxyz`, 6],
    ['two topologies', `${machine([core(0)])}\n${machine([core(0)])}`, 6],
    ['a topology inside another', '<topology>\n<topology/></topology>', 2],
    ['another document', '\n<svg/>', 2],
    ['a format of the future', '<topology version="4.0"/>', 1],
    ['no objects', '<topology/>', 1],
    ['no processing units', '<topology>\n<object type="Machine"/></topology>', 2],
    ['an object without a type', machine(['<object/>']), 4],
    ['a CPU without a number', machine(['<object type="PU"/>']), 4],
    ['a CPU twice', machine([core(0), core(0)]), 5],
    ['a CPU that the machine does not have', machine([core(9)]), 2],
    ['a cpuset that is none', machine([node(0, '0-1', '/>'), core(0)]), 4],
    ['an empty cpuset', machine([node(0, '', '/>'), core(0)]), 4],
    ['a node without a number', machine(['<object type="NUMANode"/>', core(0)]), 4],
    ['a node twice', machine([node(0, '0x1', '/>'), node(0, '0x2', '/>'), core(0)]), 5],
    ['a matrix too small', machine(two, { more: `\n${matrix('0 1', '10 20 20')}` }), 9],
    ['a matrix that is no number', machine(two, { more: `\n${matrix('0 1', '10 20 20 x')}` }), 9],
    ['a matrix without nodes', machine(two, { more: `\n${matrix('', '10 20 20 10')}` }), 9],
    ['a matrix of other nodes', machine(two, { more: `\n${matrix('0 7', '10 20 20 10')}` }), 9],
  ])('rejects %s at its line', (_, text, line) => {
    const failure = failureOf(text);
    expect(failure.position.line, failure.message).toBe(line);
  });

  it.each([
    ['an element closed by another', '<topology>\n</object>', '2:9: Not well-formed XML: unexpected close tag'],
    [
      'a topology inside another',
      '<topology><topology/></topology>',
      'A topology inside another: are these two outputs?',
    ],
    [
      'something in a line and column of two digits',
      `<topology>${'\n'.repeat(10)}${' '.repeat(10)}</object>`,
      '11:19: Not well-formed XML: unexpected close tag',
    ],
    ['nothing but a comment', '<!-- -->', 'Not well-formed XML: document must contain a root element'],
    ['a kind without CPUs', machine([core(0)], { more: '<cpukind/>' }), 'Cannot parse cpuset ""'],
    ['a cpuset with one bad word', machine([node(0, '0x1,y', '/>'), core(0)]), 'Cannot parse cpuset "0x1,y"'],
    ['another document', '<svg/>', 'Expected <topology> as lstopo writes it, found <svg>'],
    ['a format of the future', '<topology version="4.0"/>', 'Format 4.0 of lstopo is not known: 1, 2 and 3 are'],
    ['a format with a longer number', '<topology version="12"/>', 'Format 12 of lstopo is not known'],
    ['a format that ends in a dot', '<topology version="2."/>', 'Format 2. of lstopo is not known'],
    ['a format in letters', '<topology version="v2"/>', 'Format v2 of lstopo is not known'],
    ['no objects', '<topology/>', 'The topology holds no objects'],
    ['no processing units', '<topology><object type="Machine"/></topology>', 'holds no processing units (PU)'],
    ['an object without a type', machine(['<object/>']), 'An object without a type'],
    ['a CPU without a number', machine(['<object type="PU"/>']), 'Expected the os_index of a PU, found ""'],
    ['a CPU twice', machine([core(0), core(0)]), 'CPU 0 occurs twice'],
    ['CPUs out of the machine', machine([core(9, 7)]), "CPUs 7,9 are not in the machine's complete_cpuset"],
    [
      'a cpuset that is none',
      machine([node(0, '0-1', '/>'), core(0)]),
      'Cannot parse cpuset "0-1": expected words such as 0x0000000f',
    ],
    ['a cpuset with a word too long', machine([node(0, '0x100000000', '/>'), core(0)]), 'Cannot parse cpuset'],
    ['a cpuset with something in front', machine([node(0, 'x0x1', '/>'), core(0)]), 'Cannot parse cpuset'],
    ['a cpuset with something behind', machine([node(0, '0x1x', '/>'), core(0)]), 'Cannot parse cpuset'],
    ['a cpuset that never ends', machine([node(0, ','.repeat(2048), '/>'), core(0)]), 'Cannot parse cpuset'],
    [
      'a node without a number',
      machine(['<object type="NUMANode"/>', core(0)]),
      'the os_index of a NUMANode, found ""',
    ],
    ['a node twice', machine([node(0, '0x1', '/>'), node(0, '0x2', '/>'), core(0)]), 'Node 0 occurs twice'],
    [
      'a matrix too small',
      machine(two, { more: matrix('0 1', '10 20 20') }),
      'Expected 2 × 2 distances between nodes, found 3 values',
    ],
    ['a matrix with too few nodes', machine(two, { more: matrix('0', '10 20 20 10') }), 'Expected 2 × 2 distances'],
    ['a negative distance', machine(two, { more: matrix('0 1', '10 -20 20 10') }), 'Expected 2 × 2 distances'],
    ['a node that is no number', machine(two, { more: matrix('0 x', '10 20 20 10') }), 'Expected 2 × 2 distances'],
    [
      'a matrix of other nodes',
      machine(two, { more: matrix('0 7', '10 20 20 10') }),
      'Distances to node 7, which the file does not have',
    ],
  ])('says what is wrong with %s', (_, text, message) => {
    expect(failureOf(text).message).toContain(message);
  });

  it('says what the file does not tell', () => {
    const bare = '<topology><object type="Machine"><object type="PU" os_index="0"/></object></topology>';
    const found = parseLstopoXml(bare);
    expect(found.tool).toBe('lstopo XML');
    expect(found.unknown).toEqual([
      'present CPUs: the machine has no complete_cpuset',
      'packages: not every CPU is in one',
      'LLC domains: the file has no caches',
      'distances: not in the file',
      'memory of node 0: not in the file',
      'cores: not every CPU is in one',
      'core kinds: the file does not say which cores are performance or efficiency cores',
      'model: no CPUModel in the file',
    ]);
  });

  it('has nothing to add to a file that tells all', () => {
    const { unknown, nodes } = parseLstopoXml(
      machine(['<info name="CPUModel" value="A"/><object type="L3Cache" cache_size="1024">', ...two, '</object>'], {
        complete: '0x3',
        more: `<cpukind cpuset="0x3"/>${matrix('1 0', '10 31 21 10')}`,
      }),
    );
    expect(unknown).toEqual([]);
    expect(nodes?.map(({ distances }) => [...distances])).toEqual([
      [
        [1, 21],
        [0, 10],
      ],
      [
        [1, 10],
        [0, 31],
      ],
    ]);
  });
});

function failureOf(text: string): ParseError {
  try {
    parseLstopoXml(text);
  } catch (error) {
    if (error instanceof ParseError) return error;
    throw error;
  }
  throw new Error('accepted');
}
