// The placements that are compared, each made from the one before it and taken back by Berth itself.
import { readFileSync, writeFileSync } from 'node:fs';
import { runProgram, tryProgram } from '../../../lab/inside/run-program.ts';
import type { Rung } from '../lab-blocks.ts';
import { MEASURED, readMain } from './guests.ts';

/** CPU 0 is the host's; of two cores the other one is all that can be given away. */
const makePolicy = (rung: Rung): string =>
  `host: { isolation: ${rung}, housekeeping: { coresPerNode: 0 } }\nguests:\n  ${MEASURED}: { class: dedicated }\n`;

/** From whatever is in force. @throws Error with what `berth` said when it could not. */
export function applyRung(rung: Rung): void {
  writeFileSync('/etc/pve/berth/policy.yaml', makePolicy(rung));
  runBerth(['apply', '--yes']);
}

/** The last apply. */
export function undoRung(): void {
  runBerth(['undo', '--yes']);
}

/** @throws Error when the kernel was booted with other parameters than `berth isolate` asks for. */
export function expectBootedAsPlanned(): void {
  const { stdout } = tryProgram(['node', 'bin/berth', '--json', 'isolate']);
  const { commandLine } = JSON.parse(stdout) as { readonly commandLine: string };
  const booted = readFileSync('/proc/cmdline', 'latin1');
  if (!booted.includes(commandLine)) throw new Error(`berth isolate asks for ${commandLine}, and this is ${booted}`);
}

/** 2 says that something of a config waits for the guest's next start. */
function runBerth(args: readonly string[]): void {
  const { status, output } = tryProgram(['node', 'bin/berth', ...args]);
  if (status !== 0 && status !== 2) throw new Error(`berth ${args.join(' ')} ended with ${status}: ${output}`);
}

/** As `affinity` in a config does at the start: all threads of QEMU, and nobody else's. */
export const setAffinity = (cpus: string): void =>
  void runProgram(['taskset', '--all-tasks', '--cpu-list', '--pid', cpus, `${readMain(MEASURED)}`]);
