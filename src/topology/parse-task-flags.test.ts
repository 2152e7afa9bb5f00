// What a task is, from its flags.
import { expect, it } from 'vitest';
import { parseTaskFlags } from './parse-task-flags.ts';

it.each<[string, string, { isKernelThread: boolean; isBound: boolean }]>([
  ['a thread of the kernel', '57 (kswapd0) S 2 0 0 0 -1 10751040 0 0 0 0', { isKernelThread: true, isBound: false }],
  ['one that serves a CPU', '21 (ksoftirqd/1) S 2 0 0 0 -1 69238848 0 0 0', { isKernelThread: true, isBound: true }],
  ['a process', '1 (systemd) S 0 1 1 0 -1 4194560 1 1', { isKernelThread: false, isBound: false }],
  [
    'a name with spaces and parentheses',
    '9 (a) S 1 (b) S 2 0 0 0 -1 2129984 0',
    { isKernelThread: true, isBound: false },
  ],
  ['nothing that can be read', '57 (kswapd0)', { isKernelThread: true, isBound: true }],
])('parseTaskFlags() knows %s', (_, text, flags) => {
  expect(parseTaskFlags(text)).toEqual(flags);
});
