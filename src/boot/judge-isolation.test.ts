// In which state isolation is, from the words that are planned, written, taken back and booted.
import { describe, expect, it } from 'vitest';
import type { KernelProblem } from '#domain/boot-isolation.ts';
import { cpuSet } from '#domain/id-set.ts';
import { type IsolationWords, judgeIsolation } from './judge-isolation.ts';

const OURS = ['isolcpus=managed_irq,domain,4-7', 'nohz_full=4-7'];
const OTHERS = ['isolcpus=2-3'];
const nothing: IsolationWords = { planned: [], written: [], undone: [], running: [] };
const problem: KernelProblem = { kind: 'not-isolated', cpus: cpuSet([4]) };

describe('judgeIsolation()', () => {
  it.each<[string, Partial<IsolationWords>, readonly KernelProblem[], string]>([
    ['nothing at all', {}, [], 'none'],
    ['a plan', { planned: OURS }, [problem], 'planned'],
    ['a plan beside hugepages of the operator', { planned: OURS, running: ['hugepages=16'] }, [problem], 'planned'],
    ['what was written', { planned: OURS, written: OURS }, [], 'reboot-needed'],
    ['what was written, half of it booted', { written: OURS, running: OURS.slice(0, 1) }, [], 'reboot-needed'],
    ['what was written over what is booted', { written: OURS, running: OTHERS }, [problem], 'reboot-needed'],
    ['what was booted', { planned: OURS, written: OURS, running: OURS }, [], 'verified'],
    ['what was booted and is not in force', { written: OURS, running: OURS }, [problem], 'not-as-asked'],
    ['what was taken back', { planned: OURS, undone: OURS, running: OURS }, [], 'reboot-needed'],
    ['what was taken back and booted without', { planned: OURS, undone: OURS }, [], 'planned'],
    ['what was taken back and written again', { written: OURS, undone: OURS, running: OURS }, [], 'verified'],
    ['what somebody else has booted', { running: OTHERS }, [], 'verified'],
    ['what somebody else has booted, badly', { running: OTHERS }, [problem], 'not-as-asked'],
  ])('of %s', (_, words, problems, state) => {
    expect(judgeIsolation({ ...nothing, ...words }, problems)).toBe(state);
  });
});
