// Consoles of hosts that came up, and of hosts that did not.
import { describe, expect, it } from 'vitest';
import { explainConsole, failedToBoot, isEmulatorFault, nameStage } from './console.ts';

describe('nameStage()', () => {
  it.each([
    ['', 'booting the kernel'],
    ['[    0.0] Linux version 6.12\n', 'booting the kernel'],
    ['lab: modules\r\n', 'loading modules'],
    ['lab: modules\nlab: root\n', "mounting this machine's files"],
    ['lab: modules\nlab: root\nlab: systemd\n', 'starting systemd'],
    ['lab: systemd\n[    9.1] systemd[1]: ready\nlab: ready\n', 'running'],
    ['lab: modules\nlab: r', 'loading modules'],
  ])('takes %j for "%s"', (console, stage) => {
    expect(nameStage(console)).toBe(stage);
  });

  it('shows a stage that it does not know as it is', () => {
    expect(nameStage('lab: modules\nlab: lunch\n')).toBe('lunch');
  });

  it('is not misled by what a program prints after it', () => {
    expect(nameStage('lab: ready\nthe lab: modules\nlab: two words\n')).toBe('running');
  });
});

describe('explainConsole()', () => {
  it.each([
    [
      'its first program',
      'lab: modules\nlab: failed: insmod 9p\n[ 3.1] reboot: Power down\n',
      'Its first program failed: insmod 9p',
    ],
    [
      'a panic',
      '[    2.1] Kernel panic - not syncing: No working init found.  Try passing init= option to kernel.\r\n[ 2.2] CPU: 1\n',
      'The kernel panicked: No working init found.  Try passing init= option to kernel.',
    ],
    [
      'memory',
      '[   31.0] Out of memory: Killed process 231 (qemu-system-x86) total-vm:1kB\n',
      'It ran out of memory, and the kernel killed (qemu-system-x86)',
    ],
    ['systemd', '[    9.0] systemd[1]: Failed to start lab.service\n', 'systemd: Failed to start lab.service'],
    [
      'the first of two causes, which the second follows from',
      '[ 1.0] Kernel panic - not syncing: Attempted to kill init!\nlab: failed: mount overlay\n',
      'Its first program failed: mount overlay',
    ],
    ['silence', ' \n', 'It printed nothing at all'],
  ])('names %s', (_, console, reason) => {
    expect(explainConsole(console)).toBe(reason);
  });

  it('shows the stage and the last five lines when it knows no reason', () => {
    const console = `lab: modules\n${[1, 2, 3, 4, 5, 6].map(n => `line ${n}\n`).join('')}\n`;
    expect(explainConsole(console)).toBe(
      'It ended in the stage "loading modules" without a result. Its console ends with:\nline 2\nline 3\nline 4\nline 5\nline 6',
    );
  });
});

describe('isEmulatorFault()', () => {
  it('knows the breakpoint of code that the kernel has already patched', () => {
    expect(isEmulatorFault('[    4.184290] Oops: int3: 0000 [#1] PREEMPT SMP NOPTI\nKernel panic\n')).toBe(true);
    expect(isEmulatorFault('[    4.1] int3: 0000 [#1] PREEMPT SMP\n')).toBe(true);
  });

  it.each(['', 'Kernel panic - not syncing: Fatal exception', 'Oops: general protection fault: 0000 [#1]', 'int3'])(
    'takes %j for a fault of the kernel',
    console => {
      expect(isEmulatorFault(console)).toBe(false);
    },
  );
});

describe('failedToBoot()', () => {
  it.each([
    '[    4.1] int3: 0000 [#1] PREEMPT SMP\n',
    'lab: modules\r\n[    9.0] Kernel panic - not syncing: Fatal exception in interrupt\r\n',
    'lab: modules\nlab: root\nlab: systemd\n[   12.0] Kernel panic - not syncing: Fatal exception\n',
  ])('wants another boot after %j', console => {
    expect(failedToBoot(console)).toBe(true);
  });

  it.each([
    '',
    'lab: modules\nlab: failed: insmod 9p\n',
    '[    2.0] Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)\n',
    'lab: ready\n[   40.0] int3: 0000 [#1] PREEMPT SMP\nKernel panic - not syncing: Fatal exception\n',
  ])('wants none after %j', console => {
    expect(failedToBoot(console)).toBe(false);
  });
});
