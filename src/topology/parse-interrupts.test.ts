// `/proc/interrupts` with devices, the scheduler's own lines, and CPUs that are offline.
import { describe, expect, it } from 'vitest';
import { parseInterruptNames, parseInterrupts } from './parse-interrupts.ts';

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

describe('parseInterruptNames()', () => {
  const text = [
    '            CPU0       CPU2       ',
    '   0:         44          0  IR-IO-APIC    2-edge      timer',
    '   9:          0          3  IO-APIC   9-fasteoi   acpi, i801_smbus',
    '  13:          0          0',
    '  24:          0          0  PCI-MSIX-0000:00:01.0   0-edge      virtio0-config',
    '  25:          1          0  IR-PCI-MSIX-0000:41:00.0    0-edge      vfio-msix[0](0000:41:00.0)',
    '  26:          1          0  PCI-MSI 524288-edge',
    ' LOC:       9000       9000   Local timer interrupts',
    ' ERR:          0',
    '',
  ].join('\n');

  it('takes the last word of numbered lines that have one', () => {
    expect([...parseInterruptNames(text)]).toEqual([
      [0, 'timer'],
      [9, 'i801_smbus'],
      [24, 'virtio0-config'],
      [25, 'vfio-msix[0](0000:41:00.0)'],
    ]);
  });

  it.each(['', 'nothing', '  24: 1 2 3'])('finds none in "%s"', other => {
    expect([...parseInterruptNames(other)]).toEqual([]);
  });
});
