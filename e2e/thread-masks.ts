// The CPUs that the threads of a guest may use, as the kernel says.
import { readdirSync, readFileSync } from 'node:fs';
import { encodeIdList, parseCpuList } from '#domain/id-list.ts';
import type { CpuSet } from '#domain/id-set.ts';
import { vmId } from '#domain/ids.ts';
import type { Host } from '#host/host.ts';
import { parseAllowedCpus } from '#topology/parse-proc-status.ts';
import type { QemuGuest } from './qemu-guest.ts';

export const onlineCpus = (): CpuSet => parseCpuList(readFileSync('/sys/devices/system/cpu/online', 'latin1').trim());

/** cpulist; a mask may name CPUs that are not there, which are left out. */
export function maskOf(pid: number, tid: number): string {
  const allowed = parseAllowedCpus(readFileSync(`/proc/${pid}/task/${tid}/status`, 'latin1'));
  return encodeIdList(allowed.intersection(onlineCpus()));
}

/** `tid mask` of every thread. */
export const threadMasks = ({ pid }: QemuGuest): readonly string[] =>
  readdirSync(`/proc/${pid}/task`).map(tid => `${tid} ${maskOf(pid, Number(tid))}`);

/** One per vCPU, and those of all other threads, each once. */
export async function masksByRole(guest: QemuGuest, host: Host): Promise<{ vcpus: string[]; others: string[] }> {
  const { vcpus } = await host.queryVmThreads(vmId(guest.vmid));
  const isVcpu = new Set(vcpus.map(({ tid }) => tid));
  const tids = readdirSync(`/proc/${guest.pid}/task`).map(Number);
  const others = tids.filter(tid => !isVcpu.has(tid)).map(tid => maskOf(guest.pid, tid));
  return { vcpus: vcpus.map(({ tid }) => maskOf(guest.pid, tid)), others: [...new Set(others)] };
}
