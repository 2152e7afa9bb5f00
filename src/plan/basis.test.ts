// A stale plan says what is different, each fact in words.
import { describe, expect, it } from 'vitest';
import type { Guest } from '#domain/guest.ts';
import { cpuSet } from '#domain/id-set.ts';
import { makeContainer, makeInventory, makeVm, makeVmRuntime } from '#fixtures/make-inventory.ts';
import { shapes } from '#fixtures/shapes.ts';
import { makeBasis, staleFacts } from './basis.ts';

const runs = { runtime: makeVmRuntime(1, [0]) };
const runsAgain = { runtime: { ...makeVmRuntime(1, [0]), startTime: 101 } };
const container = { runtime: { cpuset: cpuSet(), effective: cpuSet([0]) } };

const basisOf = (guests: readonly Guest[], policy = 'a') => makeBasis(makeInventory(shapes.tiny, guests), policy);

describe('staleFacts()', () => {
  it.each<[string, Guest[], Guest[], string[]]>([
    ['nothing has changed', [makeVm(100, 1, runs)], [makeVm(100, 1, runs)], []],
    [
      'a config was edited',
      [makeVm(100, 1)],
      [makeVm(100, 1, { digest: 'other' })],
      ['the config of guest 100 was edited'],
    ],
    ['a VM was started', [makeVm(100, 1)], [makeVm(100, 1, runs)], ['guest 100 was started']],
    ['a VM was stopped', [makeVm(100, 1, runs)], [makeVm(100, 1)], ['guest 100 was stopped']],
    ['a VM was restarted', [makeVm(100, 1, runs)], [makeVm(100, 1, runsAgain)], ['guest 100 was restarted']],
    ['a container was started', [makeContainer(200, 1)], [makeContainer(200, 1, container)], ['guest 200 was started']],
    ['guests came and went', [makeVm(100, 1)], [makeVm(101, 1)], ['guest 101 is new', 'guest 100 is gone']],
  ])('when %s', (_, before, now, facts) => {
    expect(staleFacts(basisOf(before), basisOf(now))).toEqual(facts);
  });

  it('when the policy was edited or a CPU went offline', () => {
    const now = { ...basisOf([], 'b'), online: cpuSet([0]) };
    expect(staleFacts(basisOf([]), now)).toEqual(['online CPUs were 0-1, now 0', 'the policy was edited']);
  });
});
