// How often a refused partition is tried.
import { expect, it } from 'vitest';
import { cpuSet } from '#domain/id-set.ts';
import { vmId } from '#domain/ids.ts';
import { makeRefusals, type Refusals } from './refusals.ts';
import type { Repair } from './repair.ts';

const enter = (cpus: readonly number[], tids: readonly number[]): Repair => {
  const vmid = vmId(100);
  return { kind: 'enter-partition', vmid, partition: { vmid, cpus: cpuSet(cpus), tids } };
};

/** Passes until it is tried again. */
function passesUntilTried(refusals: Refusals, repair: Repair): number {
  for (let passes = 1; ; passes++) if (refusals.reason(repair) === null) return passes;
}

it('makeRefusals() lets a refused partition rest twice as long each time, up to sixty passes', () => {
  const refusals = makeRefusals();
  expect(refusals.reason(enter([4], [7]))).toBeNull();
  const waited = Array.from({ length: 8 }, () => {
    refusals.note(enter([4], [7]), 'no');
    return passesUntilTried(refusals, enter([4], [7]));
  });
  expect(waited).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
});

it('makeRefusals() says why, and lets another partition be tried at once', () => {
  const refusals = makeRefusals();
  for (const reason of ['no', 'still no']) refusals.note(enter([4], [7]), reason);
  expect(refusals.reason(enter([5], [7]))).toBeNull();
  expect(refusals.reason(enter([4], [8]))).toBeNull();
  expect(refusals.reason(enter([4], [7]))).toBe('still no');
});

it('makeRefusals() remembers nothing of other repairs', () => {
  const refusals = makeRefusals();
  const leave = { kind: 'leave-partition', vmid: vmId(100) } as const;
  refusals.note(leave, 'no');
  expect(refusals.reason(leave)).toBeNull();
});
