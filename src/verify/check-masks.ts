// Rules about the steps that move running guests: the right process, the right threads, and none left where it must not be.
import type { ContainerRuntime, GuestThread, ThreadRole } from '#domain/guest.ts';
import { type CpuSet, cpuSet } from '#domain/id-set.ts';
import type { Inventory } from '#domain/inventory.ts';
import { type GuestPlacement, reservedCpus, wantedMask, whileCopied } from '#domain/placement.ts';
import type { Plan } from '#domain/plan.ts';
import { configuredCpus } from '#proxmox/placement-config.ts';
import type { Move } from './check-changes.ts';

export function* wrongThreads(planned: Move, plan: Plan, inventory: Inventory): Generator<string> {
  const { guest, changes, placed } = planned;
  const move = { ...planned, placed: placed && whileCopied(placed, plan.placement.housekeeping, guest.lock) };
  const steps = changes.filter(change => change.kind === 'threads');
  const runtime = guest.kind === 'vm' ? guest.runtime : null;
  const processes = runtime === null ? [] : [runtime, ...(runtime.helpers ?? [])];
  for (const step of steps) {
    const known = processes.find(({ pid, startTime }) => pid === step.pid && startTime === step.startTime);
    if (known === undefined) yield `process ${step.pid} is not this guest's`;
    else yield* wrongMasks(step, known.threads, { move, inventory });
  }
  for (const { pid, threads } of processes) {
    const own = steps.filter(step => step.pid === pid);
    const moved = new Set(own.flatMap(step => step.threads.map(({ tid }) => tid)));
    for (const thread of threads) {
      // Workers come and go; those that came since the plan was made are taken along by the process's step.
      const isCovered = moved.has(thread.tid) || (own.length > 0 && thread.role.kind !== 'vcpu');
      if (!isCovered && !mayStay(thread, move, plan, inventory)) {
        yield `thread ${thread.tid} would stay where it must not be`;
      }
    }
  }
}

function* wrongMasks(
  { threads }: Extract<Move['changes'][number], { kind: 'threads' }>,
  there: readonly GuestThread[],
  { move, inventory }: { move: Move; inventory: Inventory },
): Generator<string> {
  const roles = new Map(there.map(({ tid, role }) => [tid, role]));
  for (const { tid, role, after } of threads) {
    const known = roles.get(tid);
    if (known && !isSameRole(known, role)) yield `thread ${tid} is no ${nameOf(role)}`;
    if (after.isEmpty) yield `thread ${tid} would have no CPU`;
    else if (!after.equals(maskAfter(move, role, inventory))) {
      yield `thread ${tid} would not be where the placement has it`;
    }
  }
}

export function* wrongCpusets(move: Move, plan: Plan, inventory: Inventory): Generator<string> {
  const { guest, placed, changes } = move;
  const steps = changes.filter(change => change.kind === 'cpuset');
  if (guest.kind === 'vm') {
    if (steps.length > 0) yield 'a VM has no container cpuset';
    return;
  }
  const wanted = placed?.affinity ?? releasedCpus(move, inventory);
  for (const { after } of steps) {
    if (after.isEmpty) yield 'its cpuset would be empty';
    else if (!after.equals(wanted)) yield 'its cpuset would not be what the placement has';
  }
  if (guest.runtime !== null && steps.length === 0 && !mayKeep(guest.runtime, { placed, wanted }, plan, inventory)) {
    yield 'its cpuset would stay what it must not be';
  }
}

const maskAfter = (move: Move, role: ThreadRole, inventory: Inventory): CpuSet =>
  move.placed ? wantedMask(move.placed, role) : releasedCpus(move, inventory);

/** A guest that is no longer placed goes back to the operator's own CPUs, else to all. */
function releasedCpus({ guest, before }: Move, { topology }: Inventory): CpuSet {
  const own = before && configuredCpus(guest.kind, before.found)?.intersection(topology.online);
  return own && !own.isEmpty ? own : topology.online;
}

/** Shared guests may be anywhere but on others' CPUs; all others exactly where they belong. */
function mayStay({ role, allowed }: GuestThread, move: Move, plan: Plan, inventory: Inventory): boolean {
  const now = allowed.intersection(inventory.topology.online);
  if (move.placed?.class !== 'shared') return now.equals(maskAfter(move, role, inventory));
  return now.isDisjointFrom(reservedIn(plan, inventory));
}

function mayKeep(
  { cpuset, effective }: ContainerRuntime,
  { placed, wanted }: { placed: GuestPlacement | null; wanted: CpuSet },
  plan: Plan,
  inventory: Inventory,
): boolean {
  if (placed?.class !== 'shared') return cpuset.equals(wanted);
  return effective.isDisjointFrom(reservedIn(plan, inventory));
}

const reservedIn = (plan: Plan, { topology }: Inventory): CpuSet =>
  cpuSet(reservedCpus(plan.placement, topology).keys());

function isSameRole(a: ThreadRole, b: ThreadRole): boolean {
  if (a.kind === 'vcpu') return b.kind === 'vcpu' && a.index === b.index;
  if (a.kind === 'iothread') return b.kind === 'iothread' && a.id === b.id;
  return b.kind === 'emulator';
}

function nameOf(role: ThreadRole): string {
  if (role.kind === 'vcpu') return `thread of vCPU ${role.index}`;
  return role.kind === 'iothread' ? `iothread ${role.id}` : 'emulator thread';
}
