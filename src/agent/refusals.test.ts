// How often a refused partition is tried.
import { expect, it } from 'vitest';
import { cpuSet } from '#domain/id-set.ts';
import { vmId } from '#domain/ids.ts';
import { makeRefusals } from './refusals.ts';
import type { Repair } from './repair.ts';

const enter = (cpus: readonly number[], tids: readonly number[]): Repair => {
  const vmid = vmId(100);
  return { kind: 'enter-partition', vmid, partition: { vmid, cpus: cpuSet(cpus), tids } };
};

it('makeRefusals() lets a refused partition rest for sixty passes, and another be tried at once', () => {
  const refusals = makeRefusals();
  expect(refusals.reason(enter([4], [7]))).toBeNull();
  refusals.note(enter([4], [7]), 'no');
  expect(Array.from({ length: 60 }, () => refusals.reason(enter([4], [7])))).toEqual([...Array(59).fill('no'), null]);
  expect(refusals.reason(enter([5], [7]))).toBeNull();
  expect(refusals.reason(enter([4], [8]))).toBeNull();
});

it('makeRefusals() remembers nothing of other repairs', () => {
  const refusals = makeRefusals();
  const leave = { kind: 'leave-partition', vmid: vmId(100) } as const;
  refusals.note(leave, 'no');
  expect(refusals.reason(leave)).toBeNull();
});
