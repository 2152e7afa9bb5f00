// Which tasks of the host count as such.
import { expect, it } from 'vitest';
import { makeTextTree } from '#fixtures/text-tree.ts';
import { readTasks } from './read-tasks.ts';

const task = (pid: number, name: string, more: string): readonly [string, string][] => [
  [`/proc/${pid}/comm`, `${name}\n`],
  [`/proc/${pid}/status`, `Name:\t${name}\n${more}Cpus_allowed:\tff\nCpus_allowed_list:\t0-7\n`],
];

it('readTasks() lists processes and kernel threads, without those that are left out and those that have ended', () => {
  const tree = makeTextTree(
    new Map([
      ...task(1, 'systemd', 'State:\tS (sleeping)\nPPid:\t0\n'),
      ...task(2, 'kthreadd', 'State:\tS (sleeping)\nPPid:\t0\n'),
      ...task(91, 'irq/9-acpi', 'State:\tS (sleeping)\nPPid:\t2\n'),
      ...task(500, 'sleep', 'State:\tZ (zombie)\nPPid:\t1\n'),
      ...task(501, 'kvm', 'State:\tR (running)\nPPid:\t1\n'),
    ]),
  );
  const found = readTasks(tree, new Set([501])).map(({ name, isKernel }) => [name, isKernel]);
  expect(found).toEqual([
    ['systemd', false],
    ['kthreadd', true],
    ['irq/9-acpi', true],
  ]);
});
