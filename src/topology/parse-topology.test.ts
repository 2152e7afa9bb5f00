// Tests of the reading of whole machines: right ones, odd ones and broken ones.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ParseError } from '#domain/errors.ts';
import type { HostTopology } from '#domain/host-topology.ts';
import { encodeCpuMask, encodeIdList, parseCpuList } from '#domain/id-list.ts';
import { cpuSet } from '#domain/id-set.ts';
import type { TextTree } from '#domain/text-tree.ts';
import { makeShapeTree } from '#fixtures/shape-tree.ts';
import { type Shape, type ShapeName, shapes } from '#fixtures/shapes.ts';
import { makeTextTree } from '#fixtures/text-tree.ts';
import { parseTopology } from './parse-topology.ts';

const CPU = '/sys/devices/system/cpu';
const NODE = '/sys/devices/system/node';

/** A shape's files, some replaced; null removes a file or a directory. */
function changed(shape: Shape, changes: Record<string, string | null>): TextTree {
  const files = makeShapeTree(shape);
  for (const [path, text] of Object.entries(changes)) {
    if (text !== null) files.set(path, text);
    else for (const file of [...files.keys()]) if (file === path || file.startsWith(`${path}/`)) files.delete(file);
  }
  return makeTextTree(files);
}

const parse = (shape: Shape, changes: Record<string, string | null> = {}): HostTopology =>
  parseTopology(changed(shape, changes));

const cpusOf = (domains: ReadonlyArray<{ readonly cpus: Parameters<typeof encodeIdList>[0] }>): readonly string[] =>
  domains.map(domain => encodeIdList(domain.cpus));

const reasons = (topology: HostTopology): readonly string[] =>
  topology.unknown.map(({ path, reason }) => `${path}: ${reason}`);

/** Rewrites a shape's tree as kernels before 2.6.26 showed it: masks only, no lists. */
function masksOnly(shape: Shape): TextTree {
  const files = makeShapeTree(shape);
  for (const path of [...files.keys()]) {
    const isList = /(_list|cpulist|core_cpus|package_cpus)$/.test(path);
    if (isList || /cpu\/(possible|present|online|offline)$/.test(path)) files.delete(path);
  }
  return makeTextTree(files);
}

describe('parseTopology() on whole machines', () => {
  it('reads two packages, nodes and caches, and siblings N and N+16', () => {
    const topology = parse(shapes.article);
    expect(encodeIdList(topology.online)).toBe('0-31');
    expect(topology.model).toBe('Intel(R) Xeon(R) CPU E5-2690 0 @ 2.90GHz');
    expect(cpusOf(topology.packages)).toEqual(['0-7,16-23', '8-15,24-31']);
    expect(cpusOf(topology.nodes)).toEqual(['0-7,16-23', '8-15,24-31']);
    expect(cpusOf(topology.cores).slice(0, 3)).toEqual(['0,16', '1,17', '2,18']);
    expect(topology.llcs.map(({ id, level, sizeKiB }) => ({ id, level, sizeKiB }))).toEqual([
      { id: 0, level: 3, sizeKiB: 20_480 },
      { id: 8, level: 3, sizeKiB: 20_480 },
    ]);
    expect(topology.nodes.map(node => [node.memoryMiB, ...node.distances.values()])).toEqual([
      [64_432, 10, 21],
      [64_432, 21, 10],
    ]);
    expect(topology.cores.at(-1)).toMatchObject({ id: 15, package: 1, llc: 8, node: 1, kind: 'uniform' });
    expect(topology.unknown).toEqual([]);
  });

  const sizes: Record<ShapeName, { packages: number; nodes: number; llcs: number; cores: number; cpus: number }> = {
    article: { packages: 2, nodes: 2, llcs: 2, cores: 16, cpus: 32 },
    'epyc-nps4': { packages: 2, nodes: 8, llcs: 16, cores: 64, cpus: 128 },
    'epyc-large': { packages: 2, nodes: 2, llcs: 16, cores: 128, cpus: 256 },
    'sixteen-sockets': { packages: 16, nodes: 16, llcs: 16, cores: 896, cpus: 1_792 },
    'ryzen-x3d': { packages: 1, nodes: 1, llcs: 2, cores: 16, cpus: 32 },
    hybrid: { packages: 1, nodes: 1, llcs: 1, cores: 24, cpus: 32 },
    'memory-only-node': { packages: 2, nodes: 3, llcs: 2, cores: 8, cpus: 16 },
    tiny: { packages: 1, nodes: 1, llcs: 1, cores: 2, cpus: 2 },
    'four-cores': { packages: 1, nodes: 1, llcs: 1, cores: 4, cpus: 4 },
  };

  it.each(Object.entries(sizes))('counts the parts of %s', (name, expected) => {
    const { packages, nodes, llcs, cores, online } = parse(shapes[name as ShapeName]);
    const counted = { packages: packages.length, nodes: nodes.length, llcs: llcs.length, cores: cores.length };
    expect({ ...counted, cpus: online.size }).toEqual(expected);
  });

  it.each(Object.keys(shapes) as ShapeName[])('reads %s from the old mask files alike', name => {
    const { unknown: _, ...modern } = parse(shapes[name]);
    const { unknown: __, ...old } = parseTopology(masksOnly(shapes[name]));
    expect(old).toEqual(modern);
  });

  it('gives a memory-only node no CPUs', () => {
    const { nodes } = parse(shapes['memory-only-node']);
    expect(nodes[2]).toMatchObject({ id: 2, memoryMiB: 131_072 });
    expect(nodes[2]?.cpus.isEmpty).toBe(true);
  });

  it('tells performance from efficiency cores by the lists of the PMUs', () => {
    const kinds = parse(shapes.hybrid).cores.map(core => core.kind);
    expect(kinds).toEqual([...Array(8).fill('performance'), ...Array(16).fill('efficiency')]);
  });

  it.each([
    { capacities: [1024, 446], kinds: ['performance', 'efficiency'], why: 'two kinds' },
    { capacities: [1024, 1009], kinds: ['uniform', 'uniform'], why: 'clock bins of one kind' },
    { capacities: [1024, 1024], kinds: ['uniform', 'uniform'], why: 'one kind' },
  ])('falls back to cpu_capacity: $why', ({ capacities, kinds }) => {
    const files = Object.fromEntries(capacities.map((value, cpu) => [`${CPU}/cpu${cpu}/cpu_capacity`, `${value}\n`]));
    expect(parse(shapes.tiny, files).cores.map(core => core.kind)).toEqual(kinds);
  });

  it('counts low-power efficiency cores among the efficiency ones', () => {
    const pmus = { '/sys/devices/cpu_atom/cpus': '16-29\n', '/sys/devices/cpu_lowpower/cpus': '30-31\n' };
    const kinds = parse(shapes.hybrid, pmus).cores.map(core => core.kind);
    expect(kinds.filter(kind => kind === 'efficiency')).toHaveLength(16);
  });

  const withRanks = (shape: Shape, rank: (cpu: number) => number, offline: readonly number[] = []): HostTopology => {
    const all = Array.from({ length: 32 }, (_, cpu): [string, string] => [
      `${CPU}/cpu${cpu}/acpi_cppc/highest_perf`,
      `${rank(cpu)}\n`,
    ]);
    const noPmus = { '/sys/devices/cpu_atom': null, '/sys/devices/cpu_core': null };
    return parse({ ...shape, offline }, { ...Object.fromEntries(all), ...noPmus });
  };
  const kindsOf = ({ cores }: HostTopology) => [...new Set(cores.map(core => core.kind))];

  it.each([
    {
      why: 'ranks and threads draw one line',
      rank: (cpu: number) => (cpu < 16 ? 64 : 39),
      expected: ['performance', 'efficiency'],
    },
    { why: 'all rank alike', rank: () => 64, expected: ['uniform'] },
    { why: 'the ranks are close', rank: (cpu: number) => (cpu < 16 ? 64 : 60), expected: ['uniform'] },
    {
      why: 'one core with a single thread ranks high',
      rank: (cpu: number) => (cpu < 17 ? 64 : 39),
      expected: ['uniform'],
    },
  ])('believes CPPC where $why: $expected', ({ rank, expected }) => {
    expect(kindsOf(withRanks(shapes.hybrid, rank))).toEqual(expected);
  });

  it('takes preferred cores for no kind, not even with a sibling offline', () => {
    const preferred = (cpu: number) => (cpu % 16 < 2 ? 236 : 166);
    expect(kindsOf(withRanks(shapes['ryzen-x3d'], preferred))).toEqual(['uniform']);
    expect(kindsOf(withRanks(shapes['ryzen-x3d'], cpu => (cpu % 16 === 15 ? 100 : 236), [31]))).toEqual(['uniform']);
  });

  it('calls cores uniform when the efficiency cores are switched off', () => {
    const offline = Array.from({ length: 16 }, (_, index) => 16 + index);
    expect(new Set(parse({ ...shapes.hybrid, offline }).cores.map(core => core.kind))).toEqual(new Set(['uniform']));
  });

  it('marks the die with the large cache, and none where all are alike', () => {
    expect(parse(shapes['ryzen-x3d']).llcs.map(({ large }) => large)).toEqual([true, undefined]);
    expect(parse(shapes['epyc-nps4']).llcs.some(({ large }) => large)).toBe(false);
  });

  it('shows no dies where the kernel does not', () => {
    const none = [0, 1].flatMap(cpu => ['die_cpus_list', 'die_cpus'].map(name => `${CPU}/cpu${cpu}/topology/${name}`));
    const topology = parse(shapes.tiny, Object.fromEntries(none.map(path => [path, null])));
    expect(topology).not.toHaveProperty('dies');
  });

  it('shows dies and clusters where the kernel does', () => {
    const { dies, clusters } = parse(shapes.tiny, {
      [`${CPU}/cpu0/topology/cluster_cpus_list`]: '0\n',
      [`${CPU}/cpu1/topology/cluster_cpus`]: '2\n',
    });
    expect(dies?.map(cpus => encodeIdList(cpus))).toEqual(['0-1']);
    expect(clusters?.map(cpus => encodeIdList(cpus))).toEqual(['0', '1']);
    expect(parse(shapes.tiny)).not.toHaveProperty('clusters');
  });

  it('names what the memory of a node without CPUs is made of', () => {
    const { nodes } = parse(shapes['memory-only-node'], {
      '/sys/bus/dax/devices/dax0.0/target_node': '2\n',
      '/sys/bus/cxl/devices/dax_region0/dax0.0/size': '1\n',
    });
    expect(nodes.map(({ memoryKind }) => memoryKind)).toEqual([undefined, undefined, 'cxl']);
  });

  it('takes the cache with the greatest level, whatever its index, and never one for instructions', () => {
    const index9 = `${CPU}/cpu0/cache/index9`;
    const { llcs } = parse(shapes.tiny, {
      [`${index9}/level`]: '4\n',
      [`${index9}/type`]: 'Unified\n',
      [`${index9}/shared_cpu_list`]: '0-1\n',
      [`${CPU}/cpu0/cache/index1/level`]: '5\n',
    });
    expect(llcs).toMatchObject([{ level: 4, sizeKiB: null }]);
  });
});

describe('parseTopology() with CPUs that are off or set apart', () => {
  it('leaves offline CPUs out of every set but `present`', () => {
    const topology = parse({ ...shapes.article, offline: [5, 21, 31] });
    expect(encodeIdList(topology.present)).toBe('0-31');
    expect(encodeIdList(topology.online)).toBe('0-4,6-20,22-30');
    expect(topology.cores.map(core => core.id)).not.toContain(5);
    expect(cpusOf(topology.cores)).toContain('15');
    expect(cpusOf(topology.packages)).toEqual(['0-4,6-7,16-20,22-23', '8-15,24-30']);
  });

  it('drops offline CPUs that a node still lists', () => {
    const topology = parse({ ...shapes.tiny, offline: [1] }, { [`${NODE}/node0/cpulist`]: '0-1\n' });
    expect(cpusOf(topology.nodes)).toEqual(['0']);
    expect(topology.unknown).toEqual([]);
  });

  it('counts a CPU that is online as present, and says that the list lacks it', () => {
    const topology = parse(shapes.tiny, { [`${CPU}/present`]: '0\n' });
    expect(encodeIdList(topology.present)).toBe('0-1');
    expect(reasons(topology)).toEqual([`${CPU}/present: lacks CPUs that are online`]);
  });

  it('tells online from offline by cpuN/online where there are no lists', () => {
    const topology = parse({ ...shapes.tiny, offline: [1] }, { [`${CPU}/online`]: null, [`${CPU}/present`]: null });
    expect([encodeIdList(topology.present), encodeIdList(topology.online)]).toEqual(['0-1', '0']);
  });

  it.each([
    { text: '4-7,20-23\n', expected: '4-7,20-23' },
    { text: '\n', expected: '' },
    { text: '  (null)\n', expected: '' },
    { text: null, expected: '' },
  ])('reads nohz_full $text', ({ text, expected }) => {
    expect(encodeIdList(parse(shapes.article, { [`${CPU}/nohz_full`]: text }).nohzFull)).toBe(expected);
  });

  it('reads isolated CPUs, and says when the kernel does not show them', () => {
    expect(encodeIdList(parse({ ...shapes.article, isolated: [4, 20] }).isolated)).toBe('4,20');
    expect(reasons(parse(shapes.article, { [`${CPU}/isolated`]: null }))).toEqual([
      `${CPU}/isolated: not shown by this kernel: isolated CPUs are not known`,
    ]);
  });
});

describe('parseTopology() where things are missing', () => {
  it('makes one node 0 of a kernel without NUMA, with the memory of the machine', () => {
    const { nodes, cores } = parse(shapes.tiny, { [NODE]: null });
    expect(nodes).toMatchObject([{ id: 0, memoryMiB: 7_820 }]);
    expect(cpusOf(nodes)).toEqual(['0-1']);
    expect(cores.map(core => core.node)).toEqual([0, 0]);
  });

  it('has no LLC domain without cache directories, and says so once', () => {
    const topology = parse(shapes.tiny, { [`${CPU}/cpu0/cache`]: null, [`${CPU}/cpu1/cache`]: null });
    expect(topology.llcs).toEqual([]);
    expect(topology.cores.map(core => core.llc)).toEqual([null, null]);
    expect(reasons(topology)).toEqual([`${CPU}/cpu0/cache: the kernel shows no caches of CPUs 0-1`]);
  });

  it('counts CPUs without siblings as cores of their own, and without package as one package', () => {
    const topology = parse(shapes.tiny, { [`${CPU}/cpu0/topology`]: null, [`${CPU}/cpu1/topology`]: null });
    expect(cpusOf(topology.cores)).toEqual(['0', '1']);
    expect(cpusOf(topology.packages)).toEqual(['0-1']);
    expect(reasons(topology)).toHaveLength(2);
  });

  it('keeps node ids that have gaps, with distances by id', () => {
    const [first, second] = shapes.article.nodes;
    const llcs = shapes.article.llcs.map(llc => ({ ...llc, node: llc.node * 33 }));
    const nodes = first && second ? [first, { ...second, id: 33 }] : [];
    const topology = parse({ ...shapes.article, llcs, nodes });
    expect(topology.nodes.map(node => node.id)).toEqual([0, 33]);
    expect([...(topology.nodes[0]?.distances ?? [])]).toEqual([
      [0, 10],
      [33, 21],
    ]);
    expect(topology.cores.at(-1)?.node).toBe(33);
  });

  it('leaves out a node that is not online, and takes the distances by the online list', () => {
    const { nodes } = parse(shapes['memory-only-node'], {
      [`${NODE}/online`]: '0-1\n',
      [`${NODE}/node0/distance`]: '10 21\n',
      [`${NODE}/node1/distance`]: '21 10\n',
    });
    expect(nodes.map(node => [node.id, ...node.distances.values()])).toEqual([
      [0, 10, 21],
      [1, 21, 10],
    ]);
  });

  it.each([
    ['address sizes\t: 46 bits physical, 48 bits virtual\naddress sizes\t: 39 bits physical, 48 bits virtual\n', 46],
    ['model name\t: address sizes : 46 bits physical\n', undefined],
    ['address sizes\t: unknown\n', undefined],
    ['address sizes: 52 bits physical', 52],
    ['address sizes \t \t:\t 52 bits physical', 52],
    ['xaddress sizes: 52 bits physical', undefined],
    ['', undefined],
  ])('takes physical address bits from %j: %d', (text, bits) => {
    const found = parse(shapes.tiny, { '/proc/cpuinfo': text });
    expect(found.physicalAddressBits).toBe(bits);
    expect(Object.hasOwn(found, 'physicalAddressBits')).toBe(bits !== undefined);
  });

  it.each([
    ['model name\t: A  B  \nmodel name\t: C\n', 'A  B'],
    ['processor\t: 0\nmodel name: A', 'A'],
    ['model name \t \t:\t A', 'A'],
    ['xmodel name: A\n', null],
    ['model name: \n', null],
    ['model name of A: B\n', null],
  ])('takes the model from %j: %s', (text, model) => {
    expect(parse(shapes.tiny, { '/proc/cpuinfo': text }).model).toBe(model);
  });

  it('numbers packages itself where the kernel says -1', () => {
    const minusOne = (cpu: number): [string, string] => [`${CPU}/cpu${cpu}/topology/physical_package_id`, '-1\n'];
    expect(parse(shapes.tiny, Object.fromEntries([0, 1].map(minusOne))).packages.map(({ id }) => id)).toEqual([0]);
  });

  it.each([
    [`${NODE}/node0/meminfo`, 'not there: the size of this memory is not known'],
    [`${NODE}/node0/distance`, 'not there: distances from this node are not known'],
    ['/proc/cpuinfo', 'no "model name" line: the processor model is not known'],
  ])('says that %s is missing', (path, reason) => {
    expect(reasons(parse(shapes.tiny, { [path]: null }))).toEqual([`${path}: ${reason}`]);
  });

  it('says why a file could not be read', () => {
    const tree = changed(shapes.tiny, {});
    const denied: TextTree = {
      list: path => tree.list(path),
      read: path => {
        if (path === `${NODE}/node0/distance`) throw new Error('Permission denied');
        return tree.read(path);
      },
    };
    expect(parseTopology(denied).unknown).toContainEqual({
      path: `${NODE}/node0/distance`,
      reason: 'Permission denied',
    });
  });
});

describe('parseTopology() on files that contradict each other', () => {
  it('leaves a CPU that two nodes claim in the lower one', () => {
    const topology = parse(shapes.article, { [`${NODE}/node1/cpulist`]: '7-15,24-31\n' });
    expect(cpusOf(topology.nodes)).toEqual(['0-7,16-23', '8-15,24-31']);
    expect(reasons(topology)).toEqual([
      `${NODE}/node1: broken firmware: claims CPUs 7, which a lower node has claimed already: they stay there`,
    ]);
  });

  it('gives a CPU that no node claims to the lowest node', () => {
    const topology = parse(shapes.article, { [`${NODE}/node1/cpulist`]: '8-15,24-30\n' });
    expect(cpusOf(topology.nodes)).toEqual(['0-7,16-23,31', '8-15,24-30']);
    expect(reasons(topology)[0]).toBe(`${NODE}: broken firmware: no node has CPUs 31: they count as node 0's`);
  });

  it('names firmware broken that puts other nodes as near as the node itself', () => {
    expect(reasons(parse(shapes.article, { [`${NODE}/node0/distance`]: '10 10\n' }))).toEqual([
      `${NODE}/node0/distance: broken firmware: distances "10 10" put another node as near as this one itself`,
    ]);
  });

  it('reports a core that lies in two packages', () => {
    const topology = parse(shapes.article, {
      [`${CPU}/cpu0/topology/core_cpus_list`]: '0,8\n',
      [`${CPU}/cpu8/topology/core_cpus_list`]: '0,8\n',
    });
    expect(topology.cores[0]).toMatchObject({ id: 0, package: 0, node: 0, llc: 0 });
    expect(reasons(topology)).toContain(
      `${CPU}/cpu0/topology: broken firmware: the core with CPUs 0,8 lies in more than one package: CPU 0's counts`,
    );
  });

  it('reports siblings that do not name each other', () => {
    const topology = parse(shapes.article, { [`${CPU}/cpu16/topology/core_cpus_list`]: '16\n' });
    expect(cpusOf(topology.cores)[0]).toBe('0,16');
    expect(reasons(topology)).toEqual([`${CPU}/cpu16/topology: thread siblings: CPU 0 names 0,16, CPU 16 names 16`]);
  });
});

describe('parseTopology() refuses malformed files by name', () => {
  it.each([
    [`${CPU}/online`, '3-1\n', 'range start 3 is after end 1'],
    [`${CPU}/online`, '0-\n', 'neither an id nor a range'],
    [`${CPU}/online`, '', 'The file is empty'],
    [`${CPU}/online`, '\n', 'No CPU is online'],
    [`${CPU}/present`, '0,,1\n', 'an entry is empty'],
    [`${CPU}/isolated`, 'none\n', 'neither an id nor a range'],
    [`${CPU}/nohz_full`, '1-\n', 'neither an id nor a range'],
    [`${CPU}/cpu0/topology/core_cpus_list`, '', 'The file is empty'],
    [`${CPU}/cpu0/topology/package_cpus_list`, '0-1,\n', 'an entry is empty'],
    [`${CPU}/cpu0/topology/physical_package_id`, 'zero\n', 'Cannot parse number "zero"'],
    [`${CPU}/cpu0/cache/index3/level`, '', 'Cannot parse number ""'],
    [`${CPU}/cpu0/cache/index3/size`, '20M\n', 'Cannot parse cache size "20M"'],
    [`${CPU}/cpu0/cache/index3/shared_cpu_list`, '1-0\n', 'range start 1 is after end 0'],
    [`${NODE}/online`, '0,\n', 'Cannot parse node list "0,"'],
    [`${NODE}/node0/cpulist`, '0-99999\n', 'larger than any id'],
    [`${NODE}/node0/distance`, '10 21\n', 'Expected as many distances as nodes (1), found "10 21"'],
    [`${NODE}/node0/distance`, '\n', 'Cannot parse distances ""'],
    [`${NODE}/node0/meminfo`, 'Node 0 MemTotal:', 'Cannot parse memory line "Node 0 MemTotal:"'],
    [`${NODE}/node0/meminfo`, '', 'There is no MemTotal line'],
  ])('%s: %j', (path, text, message) => {
    const attempt = (): HostTopology => parse(shapes.tiny, { [path]: text });
    expect(attempt).toThrow(ParseError);
    expect(attempt).toThrow(message);
    expect(attempt).toThrow(path);
  });

  it('gives the file and the line once', () => {
    const path = `${NODE}/node0/meminfo`;
    expect(() => parse(shapes.tiny, { [path]: 'Node 0 MemTotal: 5 kB\nrubbish\n' })).toThrow(
      new ParseError('Cannot parse memory line "rubbish"', { file: path, line: 2 }),
    );
  });

  it('reads old masks with the same care', () => {
    const path = `${CPU}/cpu0/topology/core_cpus`;
    const changes = { [`${path}_list`]: null, [`${CPU}/cpu0/topology/thread_siblings_list`]: null, [path]: 'xyz\n' };
    expect(() => parse(shapes.tiny, changes)).toThrow(`${path}: Cannot parse CPU mask "xyz"`);
  });
});

describe('parseTopology() laws', () => {
  const llc = fc.record({
    package: fc.nat(2),
    node: fc.nat(3),
    sizeKiB: fc.integer({ min: 1, max: 100_000 }),
    cores: fc.array(
      fc.record({ count: fc.integer({ min: 1, max: 4 }), threads: fc.constantFrom(1 as const, 2 as const) }),
      {
        minLength: 1,
        maxLength: 2,
      },
    ),
  });
  const node = (id: number) => ({ id, memoryMiB: 1000, freeMiB: 10, cacheMiB: 0, hugepages: {} });
  const shape: fc.Arbitrary<Shape> = fc.record({
    model: fc.constant('any'),
    numbering: fc.constantFrom('siblings-last' as const, 'siblings-adjacent' as const),
    llcs: fc.array(llc, { minLength: 1, maxLength: 5 }),
    nodes: fc.constant([0, 1, 2, 3].map(node)),
    distances: fc.constant([0, 1, 2, 3].map(() => [10, 20, 20, 20])),
    offline: fc.uniqueArray(fc.integer({ min: 1, max: 12 })),
  });

  it('every online CPU is in exactly one core, package, node and LLC domain', () => {
    fc.assert(
      fc.property(shape, machine => {
        const { online, cores, packages, nodes, llcs } = parse(machine);
        for (const domains of [cores, packages, nodes, llcs]) {
          const members = domains.flatMap(domain => domain.cpus.ids);
          expect(cpuSet(members).equals(online)).toBe(true);
          expect(members).toHaveLength(online.size);
        }
      }),
    );
  });

  it('holds even where any file of a list says something else', () => {
    const paths = [...makeShapeTree(shapes.article).keys()].filter(path => /(_list|cpulist)$/.test(path));
    const wrong = fc.dictionary(fc.constantFrom(...paths), fc.uniqueArray(fc.nat(33), { maxLength: 6 }), {
      maxKeys: 6,
    });
    fc.assert(
      fc.property(wrong, changes => {
        const texts = Object.entries(changes).map(([path, ids]) => [path, `${encodeIdList(cpuSet(ids))}\n`]);
        const { online, cores, packages, nodes } = parse(shapes.article, Object.fromEntries(texts));
        for (const domains of [cores, packages, nodes]) {
          const members = domains.flatMap(domain => domain.cpus.ids);
          expect(cpuSet(members).equals(online)).toBe(true);
          expect(members).toHaveLength(online.size);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('does not need the newline at the end of a file, unless it is all that is there', () => {
    const files = [...makeShapeTree(shapes.article)];
    const trimmed = files.map(([path, text]): [string, string] => [path, text.replace(/(?<=.)\n$/, '')]);
    expect(parseTopology(makeTextTree(new Map(trimmed)))).toEqual(parse(shapes.article));
  });

  it('reads the masks of the fixtures as their lists', () => {
    const files = makeShapeTree(shapes['epyc-nps4']);
    const list = parseCpuList(files.get(`${NODE}/node7/cpulist`) ?? '');
    expect(files.get(`${NODE}/node7/cpumap`)).toBe(`${encodeCpuMask(list, 128)}\n`);
  });
});
