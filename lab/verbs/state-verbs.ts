// Steps about the host as a whole: that it is what it was, and that the kernel has complained of nothing.
import { spawnSync } from 'node:child_process';
import * as z from 'zod/mini';
import { type KernelState, listChanges, readKernelState } from '../inside/kernel-state.ts';
import { StepFailure, verb } from './verb.ts';

/** By the name that a scenario has given it; scenarios run one after the other. */
const remembered = new Map<string, KernelState>();

const MOST_SAID = 12;
/** A warning of the kernel's own code, a hung task, a lock-up. */
const COMPLAINT = /BUG:|WARNING:|Oops|Call Trace|hung_task|blocked for more than|soft lockup|rcu.*stall/;

export const stateVerbs = {
  /** Masks of all threads, interrupts, cgroups, configs and what systemd was told: as they are now, under a name. */
  remember: verb(z.strictObject({ remember: z.string() }), ({ remember }, { log }) => {
    const state = readKernelState();
    remembered.set(remember, state);
    log(`${state.size} things remembered`);
  }),

  /** All of that is as it was; `but` names what may be otherwise. */
  restored: verb(
    z.strictObject({ restored: z.string(), but: z.optional(z.array(z.string())) }),
    ({ restored, but = [] }, { log }) => {
      const before = remembered.get(restored);
      if (before === undefined) throw new Error(`Nothing was remembered as "${restored}"`);
      const now = readKernelState();
      const common = [...now.keys()].filter(name => before.has(name)).length;
      const changes = listChanges(before, now).filter(change => !but.some(name => change.includes(name)));
      log(`${common} things compared`);
      if (changes.length === 0) return;
      const more = changes.length > MOST_SAID ? `\nand ${changes.length - MOST_SAID} more` : '';
      throw new StepFailure(`Not as it was:\n${changes.slice(0, MOST_SAID).join('\n')}${more}`);
    },
  ),

  /** The kernel's log since the scenario began: what came before is another one's. */
  'kernel-log': verb(z.strictObject({ 'kernel-log': z.literal('clean') }), (_, { beganAtS }) => {
    const { stdout } = spawnSync('dmesg', ['--kernel'], { encoding: 'latin1', maxBuffer: 64 * 1024 * 1024 });
    const isMine = (line: string) =>
      Number(/^\[ *(\d+\.\d+)\]/.exec(line)?.[1] ?? Number.POSITIVE_INFINITY) >= beganAtS;
    const complaints = stdout.split('\n').filter(line => COMPLAINT.test(line) && isMine(line));
    if (complaints.length > 0)
      throw new StepFailure(`The kernel complains:\n${complaints.slice(0, MOST_SAID).join('\n')}`);
  }),
};
