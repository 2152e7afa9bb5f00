// In which state isolation at boot is: what is planned, what is written, what the kernel that runs was booted with.
import type { IsolationState, KernelProblem } from '#domain/boot-isolation.ts';
import { isIsolationWord } from './isolation-words.ts';

export interface IsolationWords {
  /** To be asked for. */
  readonly planned: readonly string[];
  /** Ours, in the boot loader's file. */
  readonly written: readonly string[];
  /** Ours until they were taken back, which counts from the next boot on. */
  readonly undone: readonly string[];
  /** About isolation, on the command line of the kernel that runs, whoever wrote them. */
  readonly running: readonly string[];
}

export function judgeIsolation(words: IsolationWords, problems: readonly KernelProblem[]): IsolationState {
  const { planned, written, undone, running } = words;
  const isRunning = (word: string) => running.includes(word);
  if (!written.every(isRunning)) return 'reboot-needed';
  if (undone.some(word => isRunning(word) && !written.includes(word))) return 'reboot-needed';
  // Hugepages alone isolate nothing.
  if (!running.some(isIsolationWord)) return planned.length === 0 ? 'none' : 'planned';
  return problems.length === 0 ? 'verified' : 'not-as-asked';
}
