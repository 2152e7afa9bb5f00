// What is shown of a pasted output, as text and as picture: all that it tells, and nothing that it does not.
import { describe, expect, it } from 'vitest';
import { cpuSet } from '#domain/id-set.ts';
import { coreId, llcId, numaNodeId, packageId } from '#domain/ids.ts';
import type { PastedTopology } from '#domain/pasted-topology.ts';
import { renderPastedSvg } from './pasted-svg.ts';
import { renderPastedText } from './pasted-text.ts';

const NOTHING: PastedTopology = {
  tool: 'numactl --hardware',
  present: null,
  online: null,
  model: null,
  packages: null,
  llcs: null,
  cores: null,
  nodes: null,
  unknown: [{ path: 'a.txt', reason: 'distances: none' }],
};
const NODES: PastedTopology = {
  ...NOTHING,
  nodes: [
    {
      id: numaNodeId(0),
      cpus: cpuSet([0, 1]),
      memoryMiB: 2048,
      distances: new Map([
        [numaNodeId(0), 10],
        [numaNodeId(1), 21],
      ]),
    },
    { id: numaNodeId(1), cpus: null, memoryMiB: null, distances: new Map() },
  ],
};
const ALL: PastedTopology = {
  ...NODES,
  tool: 'lstopo XML',
  model: 'A \u001b[2J B',
  present: cpuSet([0, 1, 2]),
  online: cpuSet([0, 1]),
  packages: [{ id: packageId(3), cpus: cpuSet([0, 1]) }],
  llcs: [{ id: llcId(0), cpus: cpuSet([0, 1]), level: 3, sizeKiB: 8192 }],
  cores: [0, 1].map(cpu => ({
    id: coreId(cpu),
    cpus: cpuSet([cpu]),
    package: packageId(3),
    llc: llcId(0),
    node: numaNodeId(0),
    kind: cpu === 0 ? 'performance' : 'efficiency',
  })),
};

const render = (pasted: PastedTopology, width = 100): string => renderPastedText(pasted, { color: false, width });

describe('renderPastedText()', () => {
  it('shows every level that is told', () => {
    expect(render(ALL)).toBe(
      [
        'A ?[2J B  as lstopo XML tells it',
        '1 package · 2 NUMA nodes · 1 LLC domain · 2 cores · 2 CPUs · not shown or offline 2',
        '',
        'Package 3',
        '  Node 0  2 GiB memory · distance 21 to 1',
        '    L3 8 MiB  CPUs 0-1',
        '      1 performance core  0',
        '      1 efficiency core  1',
        'Node 1  memory unknown · CPUs unknown',
        '',
        'Not known, or not understood',
        '  ? distances: none',
        '',
      ].join('\n'),
    );
  });

  it('shows nodes alone, without cores that nobody told', () => {
    const text = render(NODES);
    expect(text).toContain(
      'Node 0  2 GiB memory · distance 21 to 1 · CPUs 0-1\nNode 1  memory unknown · CPUs unknown\n',
    );
    expect(text).not.toMatch(/core|Package/);
  });

  it('shows packages and LLC domains of a text without cores', () => {
    const text = render({ ...ALL, cores: null });
    expect(text).toContain('Package 3  CPUs 0-1\nL3  CPUs 0-1\nNode 0');
  });

  it('breaks long lists behind commas', () => {
    const cpus = cpuSet(Array.from({ length: 40 }, (_, index) => index * 2));
    const nodes = [{ id: numaNodeId(0), cpus, memoryMiB: null, distances: new Map() }];
    const lines = render({ ...NOTHING, nodes }, 60).split('\n');
    expect(lines.filter(line => line.length > 60)).toEqual([]);
    expect(lines.join(' ')).toContain('76, 78');
  });
});

describe('renderPastedSvg()', () => {
  it.each([
    ['everything', ALL, ['Package 3', 'Node 0', 'L3 8 MiB', '1 efficiency core', 'A ?[2J B, as lstopo XML tells it']],
    ['nodes alone', NODES, ['Node 0', 'CPUs unknown', 'unknown processor']],
    ['nothing', NOTHING, ['distances: none']],
  ])('draws %s', (_, pasted, words) => {
    const svg = renderPastedSvg(pasted);
    for (const word of words) expect(svg).toContain(word);
    expect(svg).toMatch(/^<svg [^>]*>.*<\/svg>\n$/s);
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
  });
});
