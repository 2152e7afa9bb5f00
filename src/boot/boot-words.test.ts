// Kernel parameters and the CPUs that they name, by the kernel's own rules.
import { describe, expect, it } from 'vitest';
import { bootParameters, isolationFlags, namesCpu } from './boot-words.ts';

describe('bootParameters()', () => {
  it.each([
    ['isolcpus=4-7 quiet', 'isolcpus', ['4-7']],
    ['isolcpus=4-7 isolcpus=8', 'isolcpus', ['4-7', '8']],
    ['quiet isolcpus="4-7"', 'isolcpus', ['4-7']],
    ['"isolcpus=4-7"\n', 'isolcpus', ['4-7']],
    ['dyndbg="file a +p" isolcpus=4', 'isolcpus', ['4']],
    ['note="see isolcpus=4" quiet', 'isolcpus', []],
    ['xisolcpus=4', 'isolcpus', []],
    ['isolcpus', 'isolcpus', []],
    ['', 'isolcpus', []],
  ])('reads %j', (commandLine, name, values) => {
    expect(bootParameters(commandLine, name)).toEqual(values);
  });
});

describe('namesCpu()', () => {
  it.each([
    ['0-3', [0, 1, 2, 3]],
    ['1,4-5', [1, 4, 5]],
    ['managed_irq,domain,2', [2]],
    ['0-7:2/4', [0, 1, 4, 5]],
    ['1-7:1/3', [1, 4, 7]],
    ['6-N', [6, 7]],
    ['N', [7]],
    ['all', [0, 1, 2, 3, 4, 5, 6, 7]],
    ['nohz', []],
    ['', []],
    ['3-1', []],
    ['0-7:2/0', [0, 1, 2, 3, 4, 5, 6, 7]],
  ])('takes %j for the CPUs %j of eight', (list, cpus) => {
    expect([0, 1, 2, 3, 4, 5, 6, 7].filter(cpu => namesCpu(list, cpu, 7))).toEqual(cpus);
  });
});

describe('isolationFlags()', () => {
  it.each([
    ['4-7', []],
    ['domain,4-7', ['domain']],
    ['managed_irq,domain,2-5', ['managed_irq', 'domain']],
    ['nohz,1,2', ['nohz']],
    ['all', []],
    ['4-N', []],
    ['N', []],
    ['', []],
    ['domain', ['domain']],
    ['4,domain', []],
  ])('finds in %j the flags %j', (value, flags) => {
    expect(isolationFlags(value)).toEqual(flags);
  });
});
