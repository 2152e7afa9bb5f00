// A schedulable task of the host, whoever it belongs to.
import type { CpuSet } from './id-set.ts';

export interface Task {
  readonly pid: number;
  /** `comm`. */
  readonly name: string;
  /** A kernel thread; those that serve one CPU cannot be moved. */
  readonly isKernel: boolean;
  readonly allowed: CpuSet;
}
