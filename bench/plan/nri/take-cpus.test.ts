// Tests of the CPU allocator of nri-plugins.
import { describe, expect, it } from 'vitest';
import { cpuSet } from '#domain/id-set.ts';
import { makeHostState } from '../small-hosts.ts';
import { takeCpus } from './take-cpus.ts';

const all = (count: number, but: readonly number[] = []) =>
  Array.from({ length: count }, (_, cpu) => cpu).filter(cpu => !but.includes(cpu));

describe('takeCpus()', () => {
  it.each([
    { what: 'a whole idle package', free: all(16), count: 8, taken: [0, 1, 2, 3, 4, 5, 6, 7] },
    { what: 'an idle package and the rest from a cache', free: all(16), count: 9, taken: [0, 1, 2, 3, 4, 5, 6, 7, 8] },
    { what: 'an idle cache before one in use', free: all(16, [0, 8]), count: 3, taken: [4, 5, 6] },
    { what: 'idle caches of the tightest package', free: all(16, [0]), count: 4, taken: [4, 5, 6, 7] },
    { what: 'of caches in use the one that fits', free: [1, 2, 3, 4, 5], count: 2, taken: [4, 5] },
    { what: 'else the largest first', free: [1, 2, 3, 4, 5], count: 4, taken: [1, 2, 3, 4] },
    { what: 'the lowest where no package suffices', free: [0, 1, 2, 8, 9], count: 4, taken: [0, 1, 2, 8] },
    { what: 'nothing when there is too little', free: [0, 1], count: 3, taken: null },
  ])('takes $what', ({ free, count, taken }) => {
    const { topology } = makeHostState({
      cores: [
        [4, 4],
        [4, 4],
      ],
    });
    expect(takeCpus(topology, cpuSet(free), count)?.ids ?? null).toEqual(taken);
  });

  it('fills cores in use before it begins an idle one', () => {
    const { topology } = makeHostState({ cores: [[4]], threads: 2 });
    const free = cpuSet([0, 1, 2, 4, 5]);
    expect([1, 2, 3].map(count => takeCpus(topology, free, count)?.ids)).toEqual([[2], [0, 4], [0, 2, 4]]);
  });
});
