// The table of interrupts: columns belong to online CPUs, and lines of the kernel's own interrupts are no devices.
import { expect, it } from 'vitest';
import { readInterrupts } from './device-interrupts.ts';

it('readInterrupts() counts by the CPUs of the heading, which need not be all', () => {
  const text = `            CPU0       CPU2
   0:         44          0   IO-APIC   2-edge      timer
  24:      12345          7  PCI-MSI 524288-edge      nvme0q1
 NMI:          1          2   Non-maskable interrupts
 ERR:          0
`;
  expect(readInterrupts(text).map(({ number, name, served }) => [number, name, ...served])).toEqual([
    [0, 'timer', [0, 44], [2, 0]],
    [24, 'nvme0q1', [0, 12345], [2, 7]],
  ]);
});

it.each(['', '\n', 'no such table\n', 'CPU0\n 24\n'])('readInterrupts() finds none in %j', text => {
  expect(readInterrupts(text)).toEqual([]);
});
