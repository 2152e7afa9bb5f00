// Reads a running VM from the kernel: its process, and each thread with its role, mask and last CPU.
import { join } from 'node:path/posix';
import type { CgroupCpus, GuestThread, ThreadRole, VmRuntime } from '#domain/guest.ts';
import { parseCpuList } from '#domain/id-list.ts';
import { cpuSet } from '#domain/id-set.ts';
import type { NumaNodeId, VmId } from '#domain/ids.ts';
import type { TextTree } from '#domain/text-tree.ts';
import { parseCgroupPath } from '#topology/parse-cgroup-files.ts';
import { parseNumaMaps } from '#topology/parse-proc-numa-maps.ts';
import { parseProcStat } from '#topology/parse-proc-stat.ts';
import { parseAllowedCpus } from '#topology/parse-proc-status.ts';
import type { Host, VmThreadIds } from './host.ts';
import { HostError } from './host-error.ts';
import { readPartition } from './partition.ts';
import { readHelpers } from './read-helpers.ts';
import { readPassthroughInterrupts } from './read-interrupts.ts';
import { readParsed } from './read-parsed.ts';
import { readStartTime, readVmProcess, type VmProcess } from './vm-process.ts';

/**
 * Null when the VM does not run, or stopped while it was looked at. `residentMiB` is left null: see `readResidentMiB`.
 * @throws HostError when it runs and QEMU does not say which thread is which.
 */
export async function readVmRuntime(host: Host, vmid: VmId): Promise<VmRuntime | null> {
  const process = readVmProcess(host, vmid);
  if (process === null) return null;
  try {
    const threads = readThreads(host, process.pid, rolesOf(await host.queryVmThreads(vmid)));
    const cpusets = readCpusets(host, process.pid);
    const state = readPartition(host, vmid);
    const partition = state && { cpus: state.word === 'isolated' ? state.cpus : cpuSet(), tids: state.tids };
    const isolated = partition === null ? {} : { partition };
    const helpers = readHelpers(host, vmid, process.pid);
    const helped = helpers.length === 0 ? {} : { helpers };
    const vectors = readPassthroughInterrupts(host, process.pid);
    const interrupts = vectors === null ? {} : { interrupts: vectors };
    const runtime = { ...process, threads, cpusets, residentMiB: null, ...isolated, ...helped, ...interrupts };
    return isStillThere(host, process) ? runtime : null;
  } catch (error) {
    // A VM that stops takes its socket with it: that is no failure.
    if (error instanceof HostError && !isStillThere(host, process)) return null;
    throw error;
  }
}

/** Resident memory by host node, MiB; null when it cannot be read. Slow for large guests: the kernel walks every page. */
export function readResidentMiB(host: TextTree, pid: number): ReadonlyMap<NumaNodeId, number> | null {
  try {
    return readParsed(host, `/proc/${pid}/numa_maps`, parseNumaMaps);
  } catch (error) {
    if (error instanceof HostError) return null;
    throw error;
  }
}

function isStillThere(host: TextTree, { pid, startTime }: VmProcess): boolean {
  return readStartTime(host, pid) === startTime;
}

function rolesOf({ vcpus, iothreads }: VmThreadIds): ReadonlyMap<number, ThreadRole> {
  return new Map<number, ThreadRole>([
    ...vcpus.map(({ index, tid }) => [tid, { kind: 'vcpu', index }] as const),
    ...iothreads.map(({ id, tid }) => [tid, { kind: 'iothread', id }] as const),
  ]);
}

/** Of version 2; a cgroup without the controller has no file, and the CPUs of the one above it. */
function readCpusets(host: TextTree, pid: number): readonly CgroupCpus[] {
  const path = readParsed(host, `/proc/${pid}/cgroup`, parseCgroupPath);
  const steps = path?.split('/').filter(step => step !== '') ?? [];
  const cgroups = path === null ? [] : ['', ...steps.map((_, index) => steps.slice(0, index + 1).join('/'))];
  return cgroups.flatMap(cgroup => {
    const effective = readParsed(host, join('/sys/fs/cgroup', cgroup, 'cpuset.cpus.effective'), parseCpuList);
    return effective === null || effective.isEmpty ? [] : [{ cgroup, effective }];
  });
}

/** Every thread that QEMU does not name is an emulator thread, vhost workers of newer kernels among them. */
function readThreads(host: TextTree, pid: number, roles: ReadonlyMap<number, ThreadRole>): readonly GuestThread[] {
  return host
    .list(`/proc/${pid}/task`)
    .map(Number)
    .sort((a, b) => a - b)
    .flatMap(tid => {
      const stat = readParsed(host, `/proc/${pid}/task/${tid}/stat`, parseProcStat);
      const allowed = readParsed(host, `/proc/${pid}/task/${tid}/status`, parseAllowedCpus);
      // QEMU's workers come and go.
      if (stat === null || allowed === null) return [];
      const role = roles.get(tid) ?? { kind: 'emulator' };
      return [{ tid, role, name: stat.comm, allowed, lastCpu: stat.lastCpu }];
    });
}
