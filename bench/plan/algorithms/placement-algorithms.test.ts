// Laws that every placement algorithm keeps.
import { describe, expect, it } from 'vitest';
import { makeHostState, makeRequest } from '../small-hosts.ts';
import { placementAlgorithms } from './placement-algorithms.ts';

const state = makeHostState({ cores: [[4, 4], [8]], threads: 2 });

describe('placementAlgorithms', () => {
  it('have names that differ', () => {
    const names = placementAlgorithms.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names.filter(name => !/^[a-z]+(-[a-z0-9]+)*$/.test(name))).toEqual([]);
  });

  it.each(placementAlgorithms.map(algorithm => [algorithm.name, algorithm] as const))(
    '%s gives a small VM on an empty host all that it asks for',
    (_, { place }) => {
      const vm = place(makeRequest(100, 4, { memoryMiB: 4096 }), state);
      expect(new Set(vm?.cpus).size).toBe(4);
      expect(vm?.cpus.every(cpu => vm.allowed.has(cpu) && state.usable.has(cpu))).toBe(true);
      expect([...(vm?.memoryMiB.values() ?? [])].reduce((sum, mib) => sum + mib, 0)).toBe(4096);
    },
  );
});
