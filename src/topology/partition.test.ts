// Tests of the division of CPUs into groups.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeIdList } from '#domain/id-list.ts';
import { type CpuSet, cpuSet, unionOf } from '#domain/id-set.ts';
import { cpuId } from '#domain/ids.ts';
import { indexGroups, makePartition } from './partition.ts';

const answers = (said: Record<number, number[] | null>) => (cpu: number) => {
  const group = said[cpu];
  return group ? cpuSet(group) : null;
};
const lists = (groups: readonly CpuSet[]): readonly string[] => groups.map(group => encodeIdList(group));

describe('makePartition()', () => {
  it('asks once per group', () => {
    const asked: number[] = [];
    const { groups } = makePartition(cpuSet([0, 1, 2, 3]), cpu => {
      asked.push(cpu);
      return cpuSet([cpu, cpu + 2]);
    });
    expect(lists(groups)).toEqual(['0,2', '1,3']);
    expect(asked).toEqual([0, 1]);
  });

  it('leaves out CPUs that are not online', () => {
    const { groups, contradictions } = makePartition(cpuSet([0, 2]), answers({ 0: [0, 1], 2: [2, 3] }));
    expect(lists(groups)).toEqual(['0', '2']);
    expect(contradictions).toEqual([]);
  });

  it('keeps CPUs of which nothing is said apart', () => {
    const { groups, unread } = makePartition(cpuSet([0, 1, 2]), answers({ 0: [0], 1: null, 2: null }));
    expect(lists(groups)).toEqual(['0']);
    expect(encodeIdList(unread)).toBe('1-2');
  });

  it('believes the lowest CPU where answers overlap, and says so', () => {
    const { groups, contradictions } = makePartition(cpuSet([0, 1, 2]), answers({ 0: [0, 1], 2: [1, 2] }));
    expect(lists(groups)).toEqual(['0-1', '2']);
    expect(contradictions).toEqual([{ cpu: 2, reason: 'names CPUs 1, which do not name CPU 2' }]);
  });

  it('reports a group that lacks the CPU it was asked of', () => {
    const { groups, contradictions } = makePartition(cpuSet([0, 1]), answers({ 0: [1] }));
    expect(lists(groups)).toEqual(['0-1']);
    expect(contradictions.map(({ reason }) => reason)).toEqual(['names CPUs 1 without CPU 0 itself']);
  });

  it('reports a group of nobody', () => {
    const { groups, contradictions } = makePartition(cpuSet([0]), answers({ 0: [] }));
    expect(lists(groups)).toEqual(['0']);
    expect(contradictions).toEqual([{ cpu: 0, reason: 'names CPUs none without CPU 0 itself' }]);
  });

  it('puts every online CPU into exactly one group, whatever is said', () => {
    const cpus = fc.uniqueArray(fc.nat(20), { minLength: 1 });
    const said = fc.array(fc.option(fc.array(fc.nat(24), { maxLength: 6 })), { minLength: 21, maxLength: 21 });
    fc.assert(
      fc.property(cpus, said, (ids, table) => {
        const online = cpuSet(ids);
        const { groups, unread } = makePartition(online, answers({ ...table }));
        const members = [...groups, unread].flatMap(group => group.ids);
        expect(members).toHaveLength(online.size);
        expect(unionOf([...groups, unread]).equals(online)).toBe(true);
      }),
    );
  });
});

describe('indexGroups()', () => {
  it('finds the group of each CPU, the first where groups overlap', () => {
    const [low, high] = [{ cpus: cpuSet([0, 1]) }, { cpus: cpuSet([1, 2]) }];
    const index = indexGroups([low, high]);
    expect([0, 1, 2].map(cpu => index.get(cpuId(cpu)))).toEqual([low, low, high]);
    expect(index.size).toBe(3);
  });
});
