// Who else may run on CPUs that belong to one guest: guests without a placement, and everything else on the host.
import { type Finding, finding } from '#domain/finding.ts';
import { cpuSet } from '#domain/id-set.ts';
import type { CpuId, VmId } from '#domain/ids.ts';
import type { Inventory } from '#domain/inventory.ts';
import type { Placement } from '#domain/placement.ts';
import type { Task } from '#domain/task.ts';

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
  yield* strangers({ inventory, placement, reserved, mine });
  // Without an isolation rung the host's own tasks may run anywhere: true, and worth knowing.
  const others = tasks.filter(({ allowed }) => allowed.size > 1 && !allowed.isDisjointFrom(mine));
  if (others.length > 0) {
    const severity = placement.isolation === 'none' ? 'note' : 'warning';
    const examples = [...new Set(others.map(({ name }) => name))].sort().slice(0, 5);
    yield finding('others-may-run', severity, { cpus: mine, tasks: others.length, examples });
  }
}

/** Guests that came after the placement was made: started, migrated here, restored. */
function* strangers(input: {
  inventory: Inventory;
  placement: Placement;
  reserved: ReadonlyMap<CpuId, VmId>;
  mine: ReturnType<typeof cpuSet>;
}): Generator<Finding> {
  const { inventory, placement, reserved, mine } = input;
  for (const guest of inventory.guests) {
    if (guest.runtime === null || placement.guests.some(({ vmid }) => vmid === guest.vmid)) continue;
    const masks =
      guest.kind === 'container'
        ? [{ thread: 'container', allowed: guest.runtime.effective }]
        : guest.runtime.threads.map(({ name, allowed }) => ({ thread: `"${name}"`, allowed }));
    for (const { thread, allowed } of masks) {
      const cpus = allowed.intersection(mine);
      const owner = cpus.first === undefined ? undefined : reserved.get(cpus.first);
      if (owner !== undefined) yield finding('guest-intrudes', 'error', { vmid: guest.vmid, thread, cpus, owner });
    }
  }
}
