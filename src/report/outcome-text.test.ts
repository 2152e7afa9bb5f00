// Alternatives, neighbours and relaxations as people read them.
import { describe, expect, it } from 'vitest';
import type { Alternative, Outcome } from '#domain/alternative.ts';
import { cpuSet, nodeSet } from '#domain/id-set.ts';
import { llcId, vmId } from '#domain/ids.ts';
import { renderAlternatives } from './alternatives-text.ts';
import { renderNeighbours } from './neighbours-text.ts';
import { describeOutcome } from './outcome-text.ts';
import { makePaint } from './paint.ts';
import { renderRelaxations } from './relaxation-text.ts';

const plain = makePaint(false);
const [self, other] = [vmId(101), vmId(103)];

function possible(...differences: Extract<Outcome, { kind: 'possible' }>['differences']): Outcome {
  return { kind: 'possible', differences, aims: [], reservedCpus: 0, proof: { kind: 'optimal' } };
}

describe('describeOutcome()', () => {
  it.each<{ title: string; outcome: Outcome; text: string }>([
    { title: 'no difference', outcome: possible(), text: 'as good' },
    {
      title: 'whom a difference is about, unless it is this guest alone',
      outcome: possible({ aim: 'llcs', by: 2, vmids: [other] }, { aim: 'moves', by: 4, vmids: [self] }),
      text: '2 last-level caches more (103), 4 more vCPUs to move',
    },
    {
      title: 'where the balance turns',
      outcome: possible(
        { aim: 'memoryElsewhere', by: 11, vmids: [self] },
        { aim: 'nodeFragmentation', by: -2, vmids: [] },
        { aim: 'llcFragmentation', by: -1, vmids: [] },
      ),
      text: '11 GiB more on other nodes until a restart, but 2 cores more for the largest guest in one node, 1 core more for the largest guest in one cache',
    },
    {
      title: 'the first three differences only',
      outcome: possible(
        { aim: 'nodes', by: 1, vmids: [self] },
        { aim: 'distance', by: 21, vmids: [self] },
        { aim: 'llcs', by: 1, vmids: [self] },
        { aim: 'imbalance', by: 2, vmids: [self] },
      ),
      text: '1 NUMA node more, longer ways inside guests (by 21), 1 last-level cache more',
    },
    {
      title: 'memory that is not there',
      outcome: {
        ...{ kind: 'impossible', lack: 'memory', vmids: [self], proved: true },
        memory: { neededMiB: 24_576, thereMiB: 18_432 },
      },
      text: 'impossible: it needs 24 GiB, and 18 GiB are to be had there',
    },
    {
      title: 'who is in the way',
      outcome: { kind: 'impossible', lack: 'cores', vmids: [self, other], memory: null, proved: true },
      text: 'impossible beside 103: too few cores',
    },
    {
      title: 'that nothing is proved',
      outcome: { kind: 'impossible', lack: 'placement', vmids: [self], memory: null, proved: false },
      text: 'not found: it does not fit there',
    },
  ])('says $title', ({ outcome, text }) => {
    expect(describeOutcome(outcome, self)).toBe(text);
  });

  it('counts the CPUs that others lose', () => {
    expect(describeOutcome({ ...possible(), reservedCpus: 12 } as Outcome)).toBe('12 CPUs more kept from others');
    expect(describeOutcome({ ...possible(), reservedCpus: -1 } as Outcome)).toBe('1 CPU fewer kept from others');
  });
});

describe('renderAlternatives()', () => {
  const present = { vmid: self, running: true, nodes: 2, llcs: 2, sharedWith: 9 };

  it('says how guests run while nothing is done for them', () => {
    const stopped = { vmid: other, running: false, nodes: 0, llcs: 0, sharedWith: 0 };
    const alternatives: Alternative[] = [
      {
        kind: 'leave',
        present: [present, { ...present, vmid: vmId(102), nodes: 1, sharedWith: 0 }, stopped],
        outcome: null,
      },
      {
        kind: 'wish',
        key: 'smt',
        to: 'isolate',
        vmids: [self, other],
        outcome: possible({ aim: 'nodes', by: 1, vmids: [other] }),
      },
    ];
    expect(renderAlternatives(alternatives, plain)).toEqual([
      '',
      'Instead',
      '  leave it as it is          101 wanders over 2 nodes, beside 9 guests; 102 wanders over 2 caches, alone on its CPUs; 1 guest not running',
      '  smt: isolate for 101, 103  1 NUMA node more (103)',
    ]);
  });

  it('counts guests when they are many', () => {
    const many = [101, 102, 103, 104].map(vmid => ({ ...present, vmid: vmId(vmid), nodes: vmid === 101 ? 1 : 2 }));
    const [, , line] = renderAlternatives([{ kind: 'leave', present: many, outcome: null }], plain);
    expect(line).toBe('  leave it as it is  3 of 4 guests wander over several nodes, 4 share their CPUs');
  });

  it('says that the host is as planned already', () => {
    const [, , line] = renderAlternatives([{ kind: 'leave', present: [present], outcome: possible() }], plain);
    expect(line).toBe('  leave it as it is  nothing would be different');
  });

  it('says nothing when there is nothing else', () => {
    expect(renderAlternatives([], plain)).toEqual([]);
  });
});

describe('renderNeighbours()', () => {
  it('names nodes, node sets and caches', () => {
    const outcome = possible({ aim: 'nodes', by: 1, vmids: [other] });
    const place = { nodes: nodeSet([1]), llc: null, cpus: cpuSet() };
    const neighbours = [place, { ...place, nodes: nodeSet([2, 3]) }, { ...place, llc: llcId(8), cpus: cpuSet([8, 9]) }];
    expect(
      renderNeighbours(
        neighbours.map(at => ({ place: at, outcome })),
        self,
        plain,
      ),
    ).toEqual([
      'Elsewhere the best plan for all guests would be',
      '    node 1               1 NUMA node more (103)',
      '    nodes 2-3            1 NUMA node more (103)',
      '    cache with CPUs 8-9  1 NUMA node more (103)',
      '',
    ]);
  });
});

describe('renderRelaxations()', () => {
  it('gives lines to paste', () => {
    expect(
      renderRelaxations([
        { kind: 'housekeeping', from: 2, to: 1 },
        { kind: 'wish', vmid: self, key: 'smt', from: 'isolate', to: 'any' },
        { kind: 'memory', vmid: self, fromMiB: 32_768, toMiB: 24_576 },
        { kind: 'container-cores', vmid: vmId(200), from: 8, to: 4 },
      ]),
    ).toEqual([
      'Each of these alone would make room:',
      '  host: { housekeeping: { coresPerNode: 1 } }  # in policy.yaml, instead of 2',
      '  berth policy set 101 smt=any                 # instead of isolate',
      '  qm set 101 --memory 24576                    # instead of 32 GiB; the most that fits',
      '  pct set 200 --cores 4                        # instead of 8',
    ]);
  });

  it('says that no single change is enough', () => {
    expect(renderRelaxations([])).toEqual([
      'No single change makes room: more than one guest would have to ask for less.',
    ]);
  });
});
