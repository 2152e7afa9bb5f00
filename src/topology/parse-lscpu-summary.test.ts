// Summaries of lscpu in several versions and languages.
import { describe, expect, it } from 'vitest';
import { encodeIdList } from '#domain/id-list.ts';
import { parseLscpuSummary } from './parse-lscpu-summary.ts';

const text = (...lines: readonly string[]): string => `${lines.join('\n')}\n`;

function describeSummary(input: string): string {
  const { present, online, model, nodes } = parseLscpuSummary(input);
  const sets = [present, online].map(cpus => (cpus ? encodeIdList(cpus) : 'unknown'));
  const listed = nodes?.map(({ id, cpus }) => `${id}:${cpus ? encodeIdList(cpus) : 'unknown'}`).join(' ');
  return [...sets, model, listed ?? 'no nodes'].join(' / ');
}

const START = ['CPU(s): 2', 'On-line CPU(s) list: 0,1'];

describe('parseLscpuSummary()', () => {
  it.each([
    [
      'version 2.31',
      text(
        'Architecture:        x86_64',
        'CPU op-mode(s):      32-bit, 64-bit',
        'CPU(s):              4',
        'On-line CPU(s) list: 0,2,3',
        'Off-line CPU(s) list: 1',
        'Thread(s) per core:  2',
        'NUMA node(s):        2',
        'Model name:          A  B',
        'NUMA node8 CPU(s):   2,3',
        'NUMA node0 CPU(s):   0-1',
      ),
      '0-3 / 0,2-3 / A  B / 0:0 8:2-3',
    ],
    [
      'a terminal, where sections are indented and lists wrapped',
      text(
        'Architecture:            x86_64',
        'CPU(s):                  6',
        '  On-line CPU(s) list:   0-5',
        'Vendor ID:               Me',
        '  Model name:            A',
        '    Flags:               a b',
        '                         c: d',
        'Caches (sum of all):     ',
        '  L3:                    8 MiB (1 instance)',
        'NUMA:                    ',
        '  NUMA node(s):          1',
        '  NUMA node0 CPU(s):     0,1,2,',
        '                         3,4,5',
      ),
      '0-5 / 0-5 / A / 0:0-5',
    ],
    ['no NUMA', text('CPU(s): 2', 'On-line CPU(s) list: 0,1', 'Model name: ARM'), '0-1 / 0-1 / ARM / no nodes'],
    [
      'a version without lists',
      text('CPU(s): 2', 'Thread(s) per core: 2', 'Socket(s): 1'),
      'unknown / unknown /  / no nodes',
    ],
    [
      'a memory-only node',
      text('CPU(s): 1', 'On-line CPU(s) list: 0', 'NUMA node(s): 2', 'NUMA node0 CPU(s): 0', 'NUMA node1 CPU(s):'),
      '0 / 0 /  / 0:0 1:',
    ],
    [
      'masks',
      text(
        'CPU(s): 40',
        'On-line CPU(s) mask: ffffffffff',
        'NUMA node(s): 2',
        'NUMA node0 CPU(s): f0ffffffff',
        'NUMA node1 CPU(s): 0xf00000000',
      ),
      '0-39 / 0-39 /  / 0:0-31,36-39 1:32-35',
    ],
    ['a mask of digits', text('CPU(s): 2', 'On-line CPU(s) mask: 3'), '0-1 / 0-1 /  / no nodes'],
    ['a mask of an unknown language', text('CPU(s): 4', 'Online: 0xF'), '0-3 / 0-3 /  / no nodes'],
    [
      'offline masks',
      text('CPU(s): 10', 'On-line CPU(s) mask: f', 'Off-line CPU(s) mask: 3f0'),
      '0-9 / 0-3 /  / no nodes',
    ],
    [
      'offline masks with their prefix',
      text('CPU(s): 10', 'On-line CPU(s) mask: 0xf', 'Off-line CPU(s) mask: 0x3F0'),
      '0-9 / 0-3 /  / no nodes',
    ],
    [
      'masks in words',
      text('CPU(s): 40', 'On-line CPU(s) mask: ff,fffffff0', 'Off-line CPU(s) mask: 0,0000000f'),
      '0-39 / 4-39 /  / no nodes',
    ],
    [
      'masks longer than two words',
      text('CPU(s): 65', 'On-line CPU(s) mask: 1ffffffffffffffff'),
      '0-64 / 0-64 /  / no nodes',
    ],
    [
      'labels with NUMA that count nothing',
      text('CPU(s): 2', 'On-line CPU(s) list: 0,1', 'NUMA mode: 2-way', 'NUMA form: v2', 'NUMA node0 CPU(s): 0,1'),
      '0-1 / 0-1 /  / 0:0-1',
    ],
    [
      'what only mentions numactl',
      text('CPU(s): 2', 'On-line CPU(s) list: 0,1', 'Model name: A', 'Note: available: 1 nodes (0)'),
      '0-1 / 0-1 / A / no nodes',
    ],
    [
      'labels without a colon',
      text('CPU(s): 2', 'On-line CPU(s) list: 0,1', 'Model name   ABC'),
      '0-1 / 0-1 / ABC / no nodes',
    ],
    [
      'unlike processors',
      text('CPU(s): 2', 'On-line CPU(s) list: 0,1', 'Model name: A', 'Model: 1', 'Model name: B', 'Model: 1'),
      '0-1 / 0-1 / A + B / no nodes',
    ],
    [
      'German',
      text('CPU(s): 2', 'Liste der Online-CPU(s): 0,1', 'Modellname: A', 'NUMA-Knoten: 1', 'NUMA-Knoten0 CPU(s): 0,1'),
      '0-1 / 0-1 / A / 0:0-1',
    ],
    [
      'French',
      text(
        'Processeur(s) : 2',
        'Liste de processeur(s) en ligne : 0',
        'Liste de processeur(s) hors ligne\u00a0: 1',
        'Nom de modèle : A',
        'Nœud(s) NUMA : 1',
        'Nœud NUMA 0 de processeur(s) : 0',
      ),
      '0-1 / 0 / A / 0:0',
    ],
    [
      'Chinese',
      text(
        'CPU:             2',
        '在线 CPU 列表：  0,1',
        '型号名称：       A',
        'NUMA 节点：      1',
        'NUMA 节点0 CPU： 0,1',
      ),
      '0-1 / 0-1 / A / 0:0-1',
    ],
    [
      'Spanish, which forgets a colon',
      text(
        'CPU(s): 2',
        'Lista de la(s) CPU(s) en línea: 1',
        'Lista de la(s) CPU(s) fuera de línea 0',
        'Modo(s) NUMA: 1',
        'CPU(s) del nodo NUMA 0: 1',
      ),
      '0-1 / 1 /  / 0:1',
    ],
  ])('reads %s', (_, input, summary) => {
    expect(describeSummary(input)).toBe(summary);
  });

  it('never makes cores, packages or caches of counts, and repeats the counts', () => {
    const parts = parseLscpuSummary(
      text(
        'CPU(s): 2',
        'On-line CPU(s) list: 0,1',
        'Thread(s) per core: 2',
        'Socket(s): 1',
        'L3 cache: 8 MiB (1 instance)',
      ),
    );
    expect([parts.packages, parts.llcs, parts.cores]).toEqual([null, null, null]);
    expect(parts.unknown.join()).toContain('Threads per core 2, Sockets 1, L3 cache 8 MiB (1 instance)');
  });

  it('leaves CPUs that two nodes claim to neither', () => {
    const summary = text('CPU(s): 2', 'On-line CPU(s) list: 0,1', 'NUMA node0 CPU(s): 0,1', 'NUMA node1 CPU(s): 1');
    expect(describeSummary(summary)).toContain('0:unknown 1:unknown');
  });

  it.each([
    ['no count', ['Architecture: x86_64', 'Vendor ID: Me', 'Model name: A'], 3],
    ['an end behind the count', ['CPU(s): 2'], 1],
    ['a reversed list', ['CPU(s): 2', 'On-line CPU(s) list: 1-0'], 2],
    ['a list cut behind a comma', ['CPU(s): 2', 'On-line CPU(s) list: 0,'], 2],
    ['fewer CPUs than counted', ['CPU(s): 4', 'On-line CPU(s) list: 0-1', 'Model name: A'], 2],
    ['more CPUs than counted', ['CPU(s): 1', 'On-line CPU(s) list: 0-1', 'Model name: A'], 2],
    ['no CPU online', ['CPU(s): 1', 'On-line CPU(s) list:', 'Off-line CPU(s) list: 0'], 2],
    ['a second summary', ['CPU(s): 1', 'On-line CPU(s) list: 0', 'Model: 1', 'CPU(s): 1', 'On-line CPU(s) list: 0'], 4],
    ['a node twice', ['CPU(s): 1', 'On-line CPU(s) list: 0', 'NUMA node0 CPU(s): 0', 'NUMA node0 CPU(s): 0'], 4],
    ['fewer nodes than counted', ['CPU(s): 1', 'On-line CPU(s) list: 0', 'NUMA node(s): 2', 'NUMA node0 CPU(s): 0'], 4],
    ['a node list that is none', ['CPU(s): 1', 'On-line CPU(s) list: 0', 'NUMA node0 CPU(s): zero'], 3],
    ['a node number that is none', ['CPU(s): 1', 'On-line CPU(s) list: 0', 'NUMA node99999 CPU(s): 0'], 3],
    ['numactl behind it', ['CPU(s): 1', 'On-line CPU(s) list: 0', 'available: 1 nodes (0)'], 3],
    ['a table behind it', ['CPU(s): 1', 'On-line CPU(s) list: 0', '# CPU,Core'], 3],
  ])('rejects %s at its line', (_, lines, line) => {
    expect(() => parseLscpuSummary(text(...lines))).toThrow(expect.objectContaining({ position: { line } }));
  });

  it('rejects a last node list that was cut, and accepts a whole text in which no node has a CPU', () => {
    const cut = 'CPU(s): 20\nOn-line CPU(s) list: 0-19\nNUMA node0 CPU(s): 0-1';
    expect(() => parseLscpuSummary(cut)).toThrow('3: The text ends here, and no node has CPU 2: it is cut');
    expect(describeSummary(`${cut}\n`)).toContain('0:0-1');
  });

  it.each([
    ['whose nodes have all CPUs', [...START, 'NUMA node0 CPU(s): 0,1'], '0:0-1'],
    ['that goes on behind its nodes', [...START, 'NUMA node0 CPU(s): 0', 'Flags: a'], '0:0'],
    ['that does not list CPUs', ['CPU(s): 2', 'Thread(s) per core: 2', 'NUMA node0 CPU(s): 0'], '0:0'],
    ['whose nodes are contested', [...START, 'NUMA node0 CPU(s): 0,1', 'NUMA node1 CPU(s): 1'], '0:unknown 1:unknown'],
  ])('accepts a text without its last end of line %s', (_, lines, nodes) => {
    expect(describeSummary(lines.join('\n'))).toContain(nodes);
  });

  it.each([
    [['Model name: A'], 'The text ends here: expected lscpu to count the CPUs'],
    [['CPU(s): 2'], 'The text ends here: expected the list of CPUs that are online'],
    [[...START, 'CPU(s): 2'], '"CPU(s)" occurs again, first in line 1: are these two outputs?'],
    [['CPU(s): 70000', 'On-line CPU(s) list: 0'], 'Expected a number of CPUs, found "70000"'],
    [
      ['CPU(s): 3', 'On-line CPU(s) list: 0,1'],
      'lscpu counts 3 CPUs, and its lists do not name as many: the text is cut or mixed',
    ],
    [['CPU(s): 2', 'On-line CPU(s) list: 0', 'Off-line CPU(s) list: 1,2'], 'lscpu counts 2 CPUs'],
    [['CPU(s): 2', 'On-line CPU(s) list: 0', 'Off-line CPU(s) list: 1-'], 'lscpu counts 2 CPUs'],
    [['CPU(s): 2', 'On-line CPU(s) list: 0', 'Off-line CPU(s) list: x1'], 'lscpu counts 2 CPUs'],
    [[...START, 'NUMA node0 CPU(s): 0', 'NUMA node0 CPU(s): 1'], 'Node 0 occurs twice: are these two outputs?'],
    [[...START, 'NUMA node99999 CPU(s): 0'], 'Expected the number of a node, found "99999"'],
    [
      [...START, 'NUMA node(s): 2', 'NUMA node0 CPU(s): 0,1', 'Flags: a'],
      '5: lscpu counts 2 NUMA nodes, line 3, and lists 1: the text is cut',
    ],
    [['CPU(s): 2', 'On-line CPU(s) mask: 1', 'Off-line CPU(s) mask: 2z'], 'lscpu counts 2 CPUs'],
    [['CPU(s): 2', 'On-line CPU(s) mask: 1', 'Off-line CPU(s) mask: z2'], 'lscpu counts 2 CPUs'],
    [[...START, 'NUMA node(s): 10', 'NUMA node0 CPU(s): 0'], 'lscpu counts 10 NUMA nodes'],
    [[...START, 'available: 12 nodes (0-11)'], 'is from numactl'],
    [[...START, 'a:b'], 'Expected "label: value"'],
    [[...START, '#CPU Core'], 'Expected "label: value"'],
    [[...START, 'a b <c d>'], 'Expected "label: value"'],
    [[...START, 'available: 1 node (0)'], '"available: 1 node (0)" is from numactl, the lines before it from lscpu'],
    [[...START, 'node 12 cpus: 0 1'], '"node 12 cpus: 0 1" is from numactl'],
    [[...START, 'node 0 size: 1 MB'], 'is from numactl'],
    [[...START, 'node 0 free: 1 MB'], 'is from numactl'],
    [[...START, 'node distances:'], 'is from numactl'],
    [[...START, `node 0 cpus: ${'0 '.repeat(40)}`], '"node 0 cpus: 0 0 0 0 0 0 0 0 0 0 0 0 0 0" is from numactl'],
    [[...START, '# CPU,Core'], 'Expected "label: value" as lscpu prints it, found "# CPU,Core"'],
    [[...START, '<topology>: 1'], 'Expected "label: value"'],
    [[...START, '{"a": 1'], 'Expected "label: value"'],
    [[...START, 'a'.repeat(50)], `found "${'a'.repeat(40)}"`],
  ])('says what is wrong with %j', (lines, message) => {
    expect(() => parseLscpuSummary(text(...lines))).toThrow(message);
  });

  it('says what the summary does not tell', () => {
    const bare = parseLscpuSummary(text('CPU(s): 2', 'Thread(s) per core:'));
    expect(bare).toMatchObject({ tool: 'lscpu', present: null, online: null, nodes: null });
    expect(bare.unknown).toEqual([
      'packages, LLC domains, cores and thread siblings: lscpu counts them and does not say which CPUs they have',
      'present and online CPUs: this version of lscpu does not list them',
      'model: there is no line that is known to hold it',
      'NUMA nodes: lscpu lists none',
    ]);
    expect(parseLscpuSummary(text(...START, 'Model name: A', 'NUMA node0 CPU(s): 0,1')).unknown).toEqual([
      'packages, LLC domains, cores and thread siblings: lscpu counts them and does not say which CPUs they have',
      'memory of nodes and distances: lscpu does not print them',
    ]);
  });

  it('repeats the counts of threads, cores, sockets, clusters and caches, and no others', () => {
    const { unknown } = parseLscpuSummary(
      text(
        ...START,
        ...['Thread(s) per core: 2', 'Core(s) per socket: 1', 'Socket(s): 1', 'Cluster(s): 1', 'My Socket(s): 5'],
        ...['L1d cache: 32K', 'L1i: 33K', 'L2: 34K', 'L3 cache: ', 'xL2: 5', 'L2 cachex: 5'],
      ),
    );
    expect(unknown[0]).toContain(
      ' (it says: Threads per core 2, Cores per socket 1, Sockets 1, Clusters 1, L1d cache 32K, L1i 33K, L2 34K)',
    );
  });

  it.each([
    'Model name',
    'Název modelu',
    'Modelnavn',
    'Modellname',
    'Nombre del modelo',
    'Mallinimi',
    'Nom de modèle',
    'Ime modela',
    'モデル名',
    'Modelnaam',
    'Nazwa modelu',
    'Nome do modelo',
    'Имя модели',
    'Modellnamn',
    'Modem ismi',
    'Назва моделі',
    'Tên mô hình',
    '型号名称',
  ])('knows the model as %s', label => {
    expect(parseLscpuSummary(text(...START, `${label}: A`, `${label}: A`, `${label}: `)).model).toBe('A');
  });
});
