// Who else may run on CPUs that belong to one guest: other guests, and everything else on the host.
import { type Finding, finding } from '#domain/finding.ts';
import { type Guest, isSameGuest } from '#domain/guest.ts';
import { type CpuSet, cpuSet } from '#domain/id-set.ts';
import type { CpuId, VmId } from '#domain/ids.ts';
import type { Inventory } from '#domain/inventory.ts';
import type { Placement } from '#domain/placement.ts';
import type { Task } from '#domain/task.ts';
import { verifyHostInterrupts } from './verify-interrupts.ts';

export function* verifyOthers(input: {
  inventory: Inventory;
  placement: Placement;
  tasks: readonly Task[];
  reserved: ReadonlyMap<CpuId, VmId>;
  only: ReadonlySet<VmId> | null;
}): Generator<Finding> {
  const { inventory, placement, tasks, reserved, only } = input;
  const mine = cpuSet([...reserved].flatMap(([cpu, owner]) => (only === null || only.has(owner) ? [cpu] : [])));
  if (mine.isEmpty) return;
  yield* verifyHostInterrupts(inventory, placement, mine);
  yield* strangers({ inventory, placement, reserved, mine, only });
  // Without an isolation rung the host's own tasks may run anywhere: true, and worth knowing.
  const others = tasks.filter(
    ({ isKernel, allowed }) => !(isKernel && allowed.size === 1) && !allowed.isDisjointFrom(mine),
  );
  if (others.length > 0) {
    // Most kernel threads cannot be moved by anybody, rescuers of work queues among them; they hardly ever run.
    // A rung holds while its guest runs; until then its CPUs are anybody's.
    const running = new Set(inventory.guests.filter(({ runtime }) => runtime !== null).map(({ vmid }) => vmid));
    const held = mine.filter(cpu => running.has(reserved.get(cpu) as VmId));
    const isExpected =
      placement.isolation === 'none' ||
      others.every(({ isKernel, allowed }) => isKernel || allowed.isDisjointFrom(held));
    const severity = isExpected ? 'note' : 'warning';
    const examples = [...new Set(others.map(({ name }) => name))].sort().slice(0, 5);
    yield finding('others-may-run', severity, { cpus: mine, tasks: others.length, examples });
  }
}

/**
 * Guests whose masks are not compared with a placement of their own: those that came after it was made (started, migrated here, restored,
 * another guest under the same VMID), and those that nobody asked about.
 */
function* strangers(input: {
  inventory: Inventory;
  placement: Placement;
  reserved: ReadonlyMap<CpuId, VmId>;
  mine: CpuSet;
  only: ReadonlySet<VmId> | null;
}): Generator<Finding> {
  const { inventory, placement, reserved, mine, only } = input;
  for (const guest of inventory.guests) {
    const { vmid, runtime } = guest;
    if (runtime === null || (isPlaced(guest, placement) && (only === null || only.has(vmid)))) continue;
    if ('unreadable' in runtime && runtime.unreadable !== undefined) {
      yield finding('guest-unread', 'error', { vmid, reason: runtime.unreadable });
    }
    for (const { thread, allowed } of masksOf(guest)) {
      const cpus = allowed.intersection(mine).filter(cpu => reserved.get(cpu) !== vmid);
      const owner = cpus.first === undefined ? undefined : reserved.get(cpus.first);
      if (owner !== undefined) yield finding('guest-intrudes', 'error', { vmid, thread, cpus, owner });
    }
  }
}

const isPlaced = ({ vmid, kind, identity }: Guest, { guests }: Placement): boolean =>
  guests.some(placed => placed.vmid === vmid && placed.kind === kind && isSameGuest(placed.identity, identity));

function masksOf({ kind, runtime }: Guest): ReadonlyArray<{ readonly thread: string; readonly allowed: CpuSet }> {
  if (runtime === null) return [];
  if (kind === 'container') return [{ thread: 'container', allowed: runtime.effective }];
  return runtime.threads.map(({ name, allowed }) => ({ thread: `"${name}"`, allowed }));
}
