// Expectations about the interrupts of the lab host's devices.
import { readFileSync } from 'node:fs';
import * as z from 'zod/mini';
import { cpuListValue } from './values.ts';
import { StepFailure, verb } from './verb.ts';

export const interruptVerbs = {
  /** The CPUs that each may come on, by the name of its driver or queue: `interrupts: { nvme0q0: 0-7 }`. */
  interrupts: verb(z.strictObject({ interrupts: z.record(z.string(), cpuListValue) }), ({ interrupts }, { log }) => {
    const text = readFileSync('/proc/interrupts', 'latin1');
    for (const [name, wanted] of Object.entries(interrupts)) {
      const number = text
        .split('\n')
        .find(line => line.trimEnd().endsWith(` ${name}`))
        ?.split(':', 1)[0]
        ?.trim();
      if (number === undefined) throw new StepFailure(`No interrupt is named ${name}:\n${text}`);
      const cpus = readFileSync(`/proc/irq/${number}/smp_affinity_list`, 'latin1').trim();
      log(`${name} (${number}): ${cpus}`);
      if (cpus !== `${wanted}`) throw new StepFailure(`${name} may come on CPUs ${cpus}, not ${wanted}`);
    }
  }),
};
