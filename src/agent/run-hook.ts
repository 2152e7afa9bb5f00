// What the hookscript does at one moment of a VM's life: looks before it starts, pins it when it has started, tidies up when it has stopped.
import type { Finding } from '#domain/finding.ts';
import type { VmId } from '#domain/ids.ts';
import type { Host } from '#host/host.ts';
import { checkStart } from '#verify/check-start.ts';
import { readStart } from './read-start.ts';
import { makeReconciler, type Reconciler } from './reconciler.ts';
import type { Repair } from './repair.ts';

/** As Proxmox calls hookscripts (`pve-guest-common`, GuestHelpers.pm). */
export const HOOK_PHASES = ['pre-start', 'post-start', 'pre-stop', 'post-stop'] as const;
export type HookPhase = (typeof HOOK_PHASES)[number];

export interface HookRun {
  readonly repaired: readonly Repair[];
  /** What could not be done; null when all was. */
  readonly problem: string | null;
  /** What stands in the way of the placement at this start. */
  readonly findings: readonly Finding[];
  /** The placement is strict, and somebody started the guest by hand: it had better not start. */
  readonly stops: boolean;
}

const NOTHING: HookRun = { repaired: [], problem: null, findings: [], stops: false };

/** A task of Proxmox waits for us: what is not done by then is left to the agent. */
const PATIENCE_MS = 4000;
/** QEMU listens before `post-start`; it answers as soon as it is not busy. */
const QMP_WAIT_MS = 1000;
const PAUSE_MS = 50;
/** A problem that comes so many times in a row will not go away while somebody waits. */
const PERSISTENT = 3;

/**
 * Idempotent, as a pass of the agent is, and of the same code. Takes neither Proxmox's lock of the config nor, for longer than a pass, ours.
 * @throws HostError or ParseError when nothing can be said, as without a node of this name.
 */
export async function runHook(host: Host, node: string, { vmid, phase }: HookCall): Promise<HookRun> {
  switch (phase) {
    case 'pre-start': {
      const start = readStart(host, node, vmid);
      if (start === null) return NOTHING;
      const findings = checkStart(start);
      return { ...NOTHING, findings, stops: findings.length > 0 && start.placed.strict === true && !start.isByOthers };
    }
    case 'post-start':
    case 'post-stop':
      return repairUntilRight(makeReconciler(host, node, { waitMs: QMP_WAIT_MS }), vmid);
    case 'pre-stop':
      return NOTHING;
  }
}

export interface HookCall {
  readonly vmid: VmId;
  readonly phase: HookPhase;
}

/** Threads are born while others are pinned: it ends with a pass that finds nothing to do. */
async function repairUntilRight(reconciler: Reconciler, vmid: VmId): Promise<HookRun> {
  const until = performance.now() + PATIENCE_MS;
  const repaired: Repair[] = [];
  const problems: string[] = [];
  for (;;) {
    const pass = await reconciler.runPass(vmid);
    repaired.push(...pass.repaired);
    const problem = pass.problems.get(vmid) ?? pass.problems.get(null) ?? (pass.isBusy ? BUSY : null);
    if (problem === null) {
      // Whoever undoes each repair would otherwise hold the task for ever.
      if (pass.repaired.length === 0 || performance.now() > until) return { ...NOTHING, repaired };
      continue;
    }
    problems.push(problem);
    const isPersistent = problem !== BUSY && problems.slice(-PERSISTENT).every(earlier => earlier === problem);
    if ((isPersistent && problems.length >= PERSISTENT) || performance.now() + PAUSE_MS > until) {
      return { ...NOTHING, repaired, problem };
    }
    await new Promise(resolve => setTimeout(resolve, PAUSE_MS));
  }
}

const BUSY = 'an apply or undo is under way, which sees to it';
