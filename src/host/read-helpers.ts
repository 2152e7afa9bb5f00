// Reads the processes that serve one VM from outside QEMU: what else is in the scope that Proxmox made for it.
import type { GuestHelper, GuestThread } from '#domain/guest.ts';
import type { VmId } from '#domain/ids.ts';
import type { TextTree } from '#domain/text-tree.ts';
import { parseProcStat } from '#topology/parse-proc-stat.ts';
import { parseAllowedCpus } from '#topology/parse-proc-status.ts';
import { readParsed } from './read-parsed.ts';

/**
 * swtpm, virtiofsd and the storage daemon, which Proxmox starts in the scope before it; kernel threads `vhost-PID` of kernels before
 * 6.4, which join the cgroup of their owner. Ascending; empty without cgroups of version 2.
 * @param pid of QEMU itself
 */
export function helperPids(host: TextTree, vmid: VmId, pid: number): readonly number[] {
  const text = host.read(`/sys/fs/cgroup/qemu.slice/${vmid}.scope/cgroup.procs`) ?? '';
  // 0 stands for a process of another PID namespace.
  const pids = text.split('\n').flatMap(line => (/^[1-9]\d*$/.test(line) ? [Number(line)] : []));
  return pids.filter(other => other !== pid).sort((a, b) => a - b);
}

/** One that ends meanwhile is left out. */
export function readHelpers(host: TextTree, vmid: VmId, pid: number): readonly GuestHelper[] {
  return helperPids(host, vmid, pid).flatMap(helper => {
    const stat = readParsed(host, `/proc/${helper}/stat`, parseProcStat);
    if (stat === null) return [];
    return [{ pid: helper, startTime: stat.startTime, name: stat.comm, threads: readThreads(host, helper) }];
  });
}

function readThreads(host: TextTree, pid: number): readonly GuestThread[] {
  const tids = host.list(`/proc/${pid}/task`).map(Number);
  return tids
    .sort((a, b) => a - b)
    .flatMap(tid => {
      const stat = readParsed(host, `/proc/${pid}/task/${tid}/stat`, parseProcStat);
      const allowed = readParsed(host, `/proc/${pid}/task/${tid}/status`, parseAllowedCpus);
      if (stat === null || allowed === null) return [];
      return [{ tid, role: { kind: 'emulator' } as const, name: stat.comm, allowed, lastCpu: stat.lastCpu }];
    });
}
