// Rules about the steps that make and take away partitions: the right process, from what is there to what the placement says.
import { encodeIdList } from '#domain/id-list.ts';
import { cpuSet } from '#domain/id-set.ts';
import type { Inventory } from '#domain/inventory.ts';
import { isPartitionWhole, reservedCpus, wantedPartition } from '#domain/placement.ts';
import type { Plan } from '#domain/plan.ts';
import type { Move } from './check-changes.ts';

export function* wrongPartition(
  { guest, placed, changes }: Move,
  { placement }: Plan,
  inventory: Inventory,
): Generator<string> {
  const { topology } = inventory;
  const steps = changes.filter(change => change.kind === 'partition');
  const runtime = guest.kind === 'vm' ? guest.runtime : null;
  if (runtime === null) {
    if (steps.length > 0) yield 'a guest that is no running VM has no partition';
    return;
  }
  if (runtime.unreadable !== undefined) return;
  const isOurs = placement.isolation === 'partition' || inventory.placement?.isolation === 'partition';
  if (!isOurs) {
    if (steps.length > 0) yield 'no placement asks for a partition';
    return;
  }
  let now = runtime.partition?.cpus ?? null;
  for (const { pid, startTime, before, after } of steps) {
    if (runtime.pid !== pid || runtime.startTime !== startTime) yield `process ${pid} is not this guest's`;
    if (!(before ?? cpuSet()).equals(now ?? cpuSet())) yield 'its partition is not what the step begins with';
    if (before !== null && after !== null) yield 'a partition is left before another is made';
    now = after;
  }
  const against = { reserved: reservedCpus(placement, topology), online: topology.online };
  const isWanted = placed !== null && placement.isolation === 'partition';
  const wanted = isWanted ? wantedPartition(placed, runtime.threads, against) : null;
  const isRight =
    steps.length === 0
      ? isPartitionWhole(runtime.partition, wanted)
      : now === null || wanted === null
        ? now === null && wanted === null
        : now.equals(wanted.cpus);
  if (isRight) return;
  const words = (cpus: typeof now) => (cpus === null || cpus.isEmpty ? 'none' : encodeIdList(cpus));
  yield `its partition would be ${words(now)}, the placement needs ${words(wanted?.cpus ?? null)}`;
}
