// Which crowds a cache can have: who fits, who does not, and where too many are given up.
import { describe, expect, it } from 'vitest';
import { type CrowdInput, makeCrowds } from './crowds.ts';
import { leastPressureBeside, pressureOf } from './least-pressure.ts';

const one = { vcpus: 1, span: 'llc', guests: 1 } as const;

/** Two cores of two threads. */
const small: CrowdInput = {
  cpus: 4,
  cores: 2,
  openThreads: 2,
  sizes: [{ vcpus: 2, span: 'llc', guests: 2 }, one],
  pressureOf: ({ inCache, inNode }) => 10 * inCache + inNode,
  isHopeless: () => false,
};

const told = (input: CrowdInput) =>
  makeCrowds(input, 100)?.map(({ counts, inUse, pressure }) => `${inUse}: ${counts.join(' ')} = ${pressure}`);

describe('makeCrowds()', () => {
  it('lists everyone who fits, by cores in dedicated use', () => {
    expect(told(small)).toEqual([
      '0: 0 0 = 0',
      '0: 0 1 = 10',
      '0: 1 0 = 20',
      '0: 1 1 = 30',
      '0: 2 0 = 40',
      '0: 2 1 = 50',
      '1: 0 0 = 0',
      '1: 0 1 = 10',
      '1: 1 0 = 20',
      '1: 1 1 = 30',
      '1: 2 0 = 40',
      '1: 2 1 = 50',
      '2: 0 0 = 0',
    ]);
  });

  it('puts no guest on fewer CPUs than it has vCPUs', () => {
    const large = { vcpus: 3, span: 'llc', guests: 1 } as const;
    expect(told({ ...small, sizes: [large] })).toEqual(['0: 0 = 0', '0: 1 = 30', '1: 0 = 0', '2: 0 = 0']);
  });

  it('keeps CPUs that no dedicated guest can take', () => {
    expect(told({ ...small, cpus: 5, sizes: [one] })).toContain('2: 1 = 10');
  });

  it('tells those confined to the node from those confined to the cache', () => {
    const sizes = [one, { vcpus: 1, span: 'node', guests: 1 } as const];
    expect(told({ ...small, cores: 0, sizes })).toEqual(['0: 0 0 = 0', '0: 0 1 = 1', '0: 1 0 = 10', '0: 1 1 = 11']);
  });

  it('leaves out what is hopeless', () => {
    expect(told({ ...small, isHopeless: ({ inCache }) => inCache > 1 })).toHaveLength(5);
  });

  it('gives up where there are too many, also of those that it leaves out', () => {
    expect(makeCrowds(small, 13)).toHaveLength(13);
    expect(makeCrowds(small, 12)).toBeNull();
    const many = { ...small, cores: 0, sizes: [{ ...one, guests: 60 }], isHopeless: () => true };
    expect(makeCrowds(many, 1)).toBeNull();
    expect(makeCrowds(many, 2)).toEqual([]);
  });
});

/** vCPUs beyond ¼, ½, ¾, 1, 1½, 2, 3 and 4 for each CPU, in quarters. */
describe('pressureOf()', () => {
  it.each([
    { inCache: 0, inNode: 0, cpus: 4, isNode: false, pressure: 0 },
    { inCache: 1, inNode: 0, cpus: 4, isNode: false, pressure: 0 },
    { inCache: 2, inNode: 0, cpus: 4, isNode: false, pressure: 4 },
    { inCache: 2, inNode: 0, cpus: 4, isNode: true, pressure: 8 },
    { inCache: 2, inNode: 1, cpus: 4, isNode: true, pressure: 4 + 8 + 4 },
    { inCache: 2, inNode: 1, cpus: 4, isNode: false, pressure: 4 },
  ])(
    'is $pressure for $inCache and $inNode on $cpus CPUs, all of a node: $isNode',
    ({ isNode, pressure, ...crowd }) => {
      expect(pressureOf(crowd, isNode)).toBe(pressure);
    },
  );
});

describe('leastPressureBeside()', () => {
  const all = { inCache: 4, inNode: 2, cpus: 8 };
  const half = { inCache: 2, inNode: 1, cpus: 4 };

  it('is that of the other half', () => {
    expect(leastPressureBeside(all, half, true)).toBe(pressureOf(half, true));
  });

  it('takes nodes as a whole where the cache is a part of one', () => {
    expect(leastPressureBeside(all, half, false)).toBe(pressureOf(half, false) + (6 * 4 - 8) + (6 * 4 - 16));
  });
});
