// The allowed CPUs of a thread, found among the other lines of its status.
import { describe, expect, it } from 'vitest';
import { cpuSet } from '#domain/id-set.ts';
import { parseAllowedCpus } from './parse-proc-status.ts';

describe('parseAllowedCpus()', () => {
  it('reads the list among the other lines', () => {
    const text = 'Name:\tCPU 0/KVM\nCpus_allowed:\t109\nCpus_allowed_list:\t0,3,8\nMems_allowed_list:\t0-1\n';
    expect(parseAllowedCpus(text)).toEqual(cpuSet([0, 3, 8]));
  });

  it('reads a list with any blanks or none in front', () => {
    expect(parseAllowedCpus('Cpus_allowed_list: \t3\n')).toEqual(cpuSet([3]));
    expect(parseAllowedCpus('Cpus_allowed_list:3\n')).toEqual(cpuSet([3]));
  });

  it.each([
    ['an empty text', ''],
    ['a text without the list', 'Name:\tkvm\nCpus_allowed:\tff\n'],
    ['a list that was cut off', 'Name:\tkvm\nCpus_allowed_list:\t'],
    ['a reversed range', 'Cpus_allowed_list:\t3-1\n'],
    ['more than a list', 'Cpus_allowed_list:\t3 4\n'],
    ['a name that looks like the line', 'Name:\tCpus_allowed_list: 3\n'],
  ])('rejects %s', (_, text) => {
    expect(() => parseAllowedCpus(text)).toThrow('Cannot parse');
  });
});
