// What puts a running VM's threads back where the placement in force has them; decides nothing that the placement does not say.
import type { GuestThread } from '#domain/guest.ts';
import { type CpuSet, cpuSet } from '#domain/id-set.ts';
import type { CpuId, VmId } from '#domain/ids.ts';
import { type GuestPlacement, wantedMask } from '#domain/placement.ts';

export interface ThreadRepair {
  readonly thread: GuestThread;
  /** Never empty; online CPUs only. */
  readonly after: CpuSet;
}

export interface RepairInput {
  readonly vmid: VmId;
  readonly threads: readonly GuestThread[];
  /** Null for a guest that the placement does not know: it is left alone, but kept off others' CPUs. */
  readonly placed: GuestPlacement | null;
  /** As `reservedCpus` gives it. */
  readonly reserved: ReadonlyMap<CpuId, VmId>;
  readonly online: CpuSet;
}

/** Empty when all threads are where they belong. A thread all of whose CPUs are offline is left to the kernel's own choice: there is no right one. */
export function makeRepairs({ vmid, threads, placed, reserved, online }: RepairInput): readonly ThreadRepair[] {
  const others = cpuSet([...reserved].filter(([, owner]) => owner !== vmid).map(([cpu]) => cpu));
  const free = online.difference(others);
  return threads.flatMap(thread => {
    const allowed = thread.allowed.intersection(online);
    const after =
      placed === null || placed.class === 'shared'
        ? keepOff(allowed, { others, fallback: placed?.affinity.intersection(free) ?? free })
        : wantedMask(placed, thread.role).intersection(online);
    return after.isEmpty || after.equals(allowed) ? [] : [{ thread, after }];
  });
}

/** As little as possible changes: a mask only loses the CPUs of others, unless nothing is left of it. */
function keepOff(allowed: CpuSet, { others, fallback }: { others: CpuSet; fallback: CpuSet }): CpuSet {
  const left = allowed.difference(others);
  return left.isEmpty ? fallback : left;
}
