// `/proc/interrupts` with devices, the scheduler's own lines, and CPUs that are offline.
import { describe, expect, it } from 'vitest';
import { parseInterrupts } from './parse-interrupts.ts';

const TEXT = [
  '           CPU0       CPU1       CPU3       ',
  '   0:         45          0          0   IO-APIC   2-edge      timer',
  '  24:          5       1000          2   PCI-MSI 524288-edge      nvme0q1',
  ' LOC:    9999999    9999999    9999999   Local timer interrupts',
  ' NMI:          1          1          1   Non-maskable interrupts',
  ' ERR:          0',
  '',
].join('\n');

describe('parseInterrupts()', () => {
  it('sums the lines of devices, by the CPUs that the heading names', () => {
    expect([...parseInterrupts(TEXT)]).toEqual([
      [0, 50],
      [1, 1000],
      [3, 2],
    ]);
  });

  it('takes a line that is shorter than the heading', () => {
    expect([...parseInterrupts('  CPU0 CPU1\n 7: 3\n')]).toEqual([
      [0, 3],
      [1, 0],
    ]);
  });

  it('takes CPUs and lines of several digits, and no line that only holds a numbered one', () => {
    expect([...parseInterrupts('  CPU9 CPU10\n128: 1 20\nX 7: 5 5\n 8:\n')]).toEqual([
      [9, 1],
      [10, 20],
    ]);
  });

  it('does not take the number in a name for a count', () => {
    expect([...parseInterrupts('  CPU0\n 7: 3 8 things\n')]).toEqual([[0, 3]]);
  });

  it.each(['', '\n', 'no heading\n 7: 3\n'])('rejects %j', text => {
    expect(() => parseInterrupts(text)).toThrow('names no CPU');
  });
});
