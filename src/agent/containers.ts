// Running containers for the agent: those that are not where the placement in force has them, or on CPUs of others.
import type { CpuSet } from '#domain/id-set.ts';
import { type CpuId, type VmId, vmId } from '#domain/ids.ts';
import type { Placement } from '#domain/placement.ts';
import type { Host } from '#host/host.ts';
import { readContainerRuntime } from '#host/read-container-runtime.ts';
import { makeContainerRepair } from '#plan/make-container-repair.ts';
import type { Repair } from './repair.ts';

export interface ContainersInput {
  readonly placement: Placement;
  /** As `reservedCpus` gives it. */
  readonly reserved: ReadonlyMap<CpuId, VmId>;
  readonly online: CpuSet;
}

/** A container has a cgroup only while it runs. */
export const runningContainers = (host: Host): readonly VmId[] =>
  host.list('/sys/fs/cgroup/lxc').flatMap(name => (/^[1-9]\d{2,8}$/.test(name) ? [vmId(Number(name))] : []));

/** Containers carry no identity in their config: one under a placed VMID is taken for the one that was placed. */
export function containerRepairs(host: Host, { placement, reserved, online }: ContainersInput): readonly Repair[] {
  return runningContainers(host).flatMap((vmid): Repair[] => {
    const runtime = readContainerRuntime(host, vmid);
    if (runtime === null) return [];
    const placed = placement.guests.find(guest => guest.vmid === vmid && guest.kind === 'container') ?? null;
    const after = makeContainerRepair({ vmid, runtime, placed, reserved, online });
    return after === null ? [] : [{ kind: 'container', vmid, before: runtime.effective, after }];
  });
}
