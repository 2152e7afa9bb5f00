// The system calls against what /proc says.
import { constants } from 'node:os';
import { describe, expect, it } from 'vitest';
import { cpuSet } from '#domain/id-set.ts';
import { parseAllowedCpus } from '#topology/parse-proc-status.ts';
import { readText } from './read-files.ts';
import { schedGetaffinity, schedSetaffinity } from './system-calls.ts';

const { EINVAL, ESRCH } = constants.errno;
/** Above the kernel's largest pid. */
const NOBODY = 4_194_305;

const allowedNow = () => parseAllowedCpus(readText('/', '/proc/self/status') ?? '');

describe('schedGetaffinity()', () => {
  it('agrees with what /proc says', () => {
    expect(schedGetaffinity(process.pid)).toEqual(allowedNow());
  });

  it('returns the errno for a thread that is gone', () => {
    expect(schedGetaffinity(NOBODY)).toBe(ESRCH);
  });
});

describe('schedSetaffinity()', () => {
  it.each([
    ['one CPU', (all: readonly number[]) => all.slice(0, 1)],
    ['the last CPU', (all: readonly number[]) => all.slice(-1)],
    ['CPUs beyond the machine, which the kernel leaves out', (all: readonly number[]) => [...all.slice(0, 1), 65_535]],
  ])('sets %s', (_, choose) => {
    const before = allowedNow();
    const wanted = choose(before.ids);
    try {
      expect(schedSetaffinity(process.pid, cpuSet(wanted))).toBe(0);
      expect(allowedNow()).toEqual(cpuSet(wanted.filter(cpu => cpu !== 65_535)));
    } finally {
      expect(schedSetaffinity(process.pid, before)).toBe(0);
    }
  });

  it.each([[[]], [[65_535]]])('returns EINVAL for %j', cpus => {
    expect(schedSetaffinity(process.pid, cpuSet(cpus))).toBe(EINVAL);
  });

  it('returns ESRCH for a thread that is gone', () => {
    expect(schedSetaffinity(NOBODY, cpuSet([0]))).toBe(ESRCH);
  });
});
