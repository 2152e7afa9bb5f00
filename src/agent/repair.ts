// What the agent does about one guest, and how.

import type { GuestThread } from '#domain/guest.ts';
import type { LayerName, SettingMove } from '#domain/host-layer.ts';
import { encodeIdList } from '#domain/id-list.ts';
import type { CpuSet } from '#domain/id-set.ts';
import type { VmId } from '#domain/ids.ts';
import { changeSetting } from '#host/found-settings.ts';
import type { Host } from '#host/host.ts';
import { HostError } from '#host/host-error.ts';
import { enterPartition, leavePartition, releaseExclusive, type VmPartition } from '#host/partition.ts';
import { containerCpusetFiles } from '#host/read-container-runtime.ts';
import { moveInterrupt } from '#host/read-interrupts.ts';
import type { ThreadRepair } from '#plan/make-repairs.ts';

export type Repair =
  | { readonly kind: 'threads'; readonly vmid: VmId; readonly pid: number; readonly threads: readonly ThreadRepair[] }
  | { readonly kind: 'container'; readonly vmid: VmId; readonly before: CpuSet; readonly after: CpuSet }
  | { readonly kind: 'enter-partition'; readonly vmid: VmId; readonly partition: VmPartition }
  /** Nobody wants it any more, or its CPUs are about to change: a thread in it can be pinned to no others. */
  | { readonly kind: 'leave-partition'; readonly vmid: VmId }
  /** A systemd unit beside the guests. */
  | { readonly kind: 'unit'; readonly vmid: null; readonly unit: string; readonly after: CpuSet }
  | { readonly kind: 'interrupts'; readonly vmid: VmId; readonly irqs: readonly number[]; readonly after: CpuSet }
  | {
      readonly kind: 'layer';
      readonly vmid: null;
      readonly layer: LayerName;
      readonly settings: readonly SettingMove[];
    }
  /** CPUs that were kept for guests that have stopped. */
  | { readonly kind: 'release-cpus'; readonly vmid: null };

/** CPUs are freed before they are given. In its partition, and only there, a thread can be pinned to the partition's CPUs. */
const ORDER: readonly Repair['kind'][] = [
  'leave-partition',
  'release-cpus',
  'unit',
  'container',
  'layer',
  'enter-partition',
  'threads',
  'interrupts',
];

export function inOrder(repairs: readonly Repair[]): readonly Repair[] {
  return [...repairs].sort((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind));
}

/** These make the kernel widen the masks of threads and interrupts of its own. */
export const changesPartitions = ({ kind }: Repair): boolean =>
  kind === 'enter-partition' || kind === 'leave-partition';

/** Returns what was done, null when nothing was; `fail` is told why, and the rest is done all the same. */
export function applyRepair(host: Host, repair: Repair, fail: (error: HostError) => void): Repair | null {
  const attempt = (act: () => void): boolean => {
    try {
      act();
      return true;
    } catch (error) {
      if (!(error instanceof HostError)) throw error;
      // Worker threads come and go, and so do guests; the next pass looks again.
      if (error.reason !== 'gone' && !(repair.kind === 'interrupts' && error.reason === 'missing')) fail(error);
      return false;
    }
  };
  switch (repair.kind) {
    case 'threads': {
      const { pid } = repair;
      const threads = mainThreadFirst(repair.threads, pid).filter(({ thread: { tid }, after }) =>
        attempt(() => host.setThreadAffinity({ pid, tid }, after)),
      );
      return threads.length === 0 ? null : { ...repair, threads };
    }
    case 'container':
      return attempt(() => writeCpuset(host, repair)) ? repair : null;
    case 'unit':
      return attempt(() => host.setUnitCpus(repair.unit, repair.after, repair.after)) ? repair : null;
    case 'interrupts': {
      const irqs = repair.irqs.filter(irq => attempt(() => moveInterrupt(host, irq, repair.after)));
      return irqs.length === 0 ? null : { ...repair, irqs };
    }
    case 'layer': {
      const settings = repair.settings.filter(({ path, after }) => attempt(() => changeSetting(host, path, after)));
      return settings.length === 0 ? null : { ...repair, settings };
    }
    case 'enter-partition':
      return attempt(() => enterPartition(host, repair.partition)) ? repair : null;
    case 'release-cpus':
      return attempt(() => releaseExclusive(host)) ? repair : null;
    case 'leave-partition':
      return attempt(() => leavePartition(host, repair.vmid, [])) ? repair : null;
  }
}

/** Threads that QEMU starts meanwhile are born with the main thread's mask. */
function mainThreadFirst(repairs: readonly ThreadRepair[], pid: number): readonly ThreadRepair[] {
  const rank = ({ tid, role }: GuestThread) => (tid === pid ? 0 : role.kind === 'vcpu' ? 2 : 1);
  return [...repairs].sort((a, b) => rank(a.thread) - rank(b.thread));
}

function writeCpuset(host: Host, { vmid, after }: Extract<Repair, { kind: 'container' }>): void {
  for (const { path } of containerCpusetFiles(host, vmid)) host.writeKernelFile(path, `${encodeIdList(after)}\n`);
}
