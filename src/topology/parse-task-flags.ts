// `/proc/PID/stat`, field 9: whether a task is a thread of the kernel, and whether anybody can move it.

export interface TaskFlags {
  readonly isKernelThread: boolean;
  /** The kernel refuses every other mask. */
  readonly isBound: boolean;
}

/** `PF_NO_SETAFFINITY` and `PF_KTHREAD` (kernel: include/linux/sched.h). */
const NO_SETAFFINITY = 0x0400_0000;
const KTHREAD = 0x0020_0000;

/** Example: `57 (kswapd0) S 2 0 0 0 -1 2759744 …`. A text without flags is that of a bound kernel thread: nobody is to touch it. */
export function parseTaskFlags(text: string): TaskFlags {
  // The name may itself hold spaces and parentheses; the field after it is number 3.
  const field = text.replace(/^.*\) /s, '').split(' ')[9 - 3];
  const flags = field !== undefined && /^\d+$/.test(field) ? Number(field) : KTHREAD | NO_SETAFFINITY;
  return { isKernelThread: (flags & KTHREAD) !== 0, isBound: (flags & NO_SETAFFINITY) !== 0 };
}
