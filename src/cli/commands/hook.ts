// `berth hook VMID PHASE`: called by the hookscript at the moments of a guest's life.
import { HOOK_PHASES, type HookPhase, runHook } from '#agent/run-hook.ts';
import type { VmId } from '#domain/ids.ts';
import { readNodeName } from '#host/read-node-name.ts';
import { logToSystem } from '#host/system-log.ts';
import { renderHook } from '#report/hook-text.ts';
import type { CommandContext, ExitCode } from '../command-context.ts';
import { describeFailure } from '../describe-failure.ts';

/**
 * 0 all is as placed, or there is nothing to do in this phase; 1 something could not be done; 2 the guest is not to be started.
 * Says everything twice: to the task that waits, and to the system log.
 */
export async function hook({ host, print }: CommandContext, vmid: VmId, phase: string): Promise<ExitCode> {
  const say = (lines: readonly string[]) => {
    for (const line of lines) print(`berth: ${line}\n`);
    if (!host.simulated) logToSystem('berth-hook', lines);
  };
  if (!isPhase(phase)) return 0;
  try {
    const run = await runHook(host, readNodeName(host), { vmid, phase });
    say(renderHook(vmid, run));
    if (run.stops) return 2;
    return run.problem === null ? 0 : 1;
  } catch (error) {
    // Whatever it is, the start of a guest is not the place to fail.
    say([`VM ${vmid}: ${describeFailure(error)}`]);
    return 1;
  }
}

/** Phases that a later Proxmox has are none of our business. */
const isPhase = (phase: string): phase is HookPhase => (HOOK_PHASES as readonly string[]).includes(phase);
