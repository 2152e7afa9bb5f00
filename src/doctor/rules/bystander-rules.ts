// Rules about tasks that are no guest's own threads, and may run on its CPUs or away from them.
import type { BystanderFacts } from '#domain/doctor/sharing-facts.ts';
import type { Evidence, Fix } from '#domain/doctor-finding.ts';
import { encodeIdList } from '#domain/id-list.ts';
import { type CpuSet, cpuSet, unionOf } from '#domain/id-set.ts';
import type { Task } from '#domain/task.ts';
import { type DoctorRules, hostRule, type Judgement, vmRule } from '../doctor-rule.ts';
import type { DoctorView, ExaminedVm } from '../doctor-view.ts';
import { keyEvidence } from '../evidence.ts';
import { ownerEvidence, placementEvidence } from '../owner-evidence.ts';
import { pinnedCpus } from '../pinned-cpus.ts';
import { sharedCpus, takenCpus } from '../taken-cpus.ts';

export const bystanderRules: DoctorRules<BystanderFacts> = {
  'helpers-outside-mask': vmRule('worth-knowing', findHelpers),
  'storage-threads-on-pinned': hostRule('worth-knowing', findStorageThreads),
};

/** Names are cut at 15 characters by the kernel. */
const HELPERS: ReadonlySet<string> = new Set(['swtpm', 'virtiofsd', 'qemu-storage-da']);

/** On housekeeping CPUs they are where the placement wants everything of the host. */
function findHelpers(vm: ExaminedVm, view: DoctorView): Judgement<BystanderFacts['helpers-outside-mask']> | null {
  const pinned = pinnedCpus(vm, view);
  if (pinned === null || pinned.isEmpty) return null;
  const { placement } = view.inventory;
  const placed = placement?.guests.find(({ vmid }) => vmid === vm.guest.vmid);
  const mask = unionOf([pinned, placed?.affinity ?? cpuSet(), placement?.housekeeping ?? cpuSet()]);
  const outside = helpersOf(vm, view).filter(({ allowed }) => !allowed.isSubsetOf(mask));
  if (outside.length === 0) return null;
  return {
    facts: {
      names: namesOf(outside),
      mask,
      outside: unionOf(outside.map(({ allowed }) => allowed)).difference(mask),
    },
    evidence: [
      ...(placed === undefined ? keyEvidence(vm, ['affinity']) : [placementEvidence(view)]),
      ...outside.map(nameEvidence),
    ],
    fix: confine(outside, placed?.emulator ?? pinned),
  };
}

/** Those in the VM's own scope, and on kernels before 6.4 the kernel threads that carry its network traffic. */
function helpersOf({ guest }: ExaminedVm, { texts, tasks }: DoctorView): readonly Task[] {
  const { vmid, runtime } = guest;
  if (runtime === null) return [];
  const scope = texts.vmProcesses.find(({ file }) => file.includes(`/${vmid}.scope/`));
  const pids = new Set((scope?.text ?? '').split('\n').map(Number));
  return tasks.filter(
    ({ pid, name, isKernel }) => (pids.has(pid) && HELPERS.has(name)) || (isKernel && name === `vhost-${runtime.pid}`),
  );
}

/** Threads of ZFS, of software RAID, encryption and replication of disks, and of the NFS server: those that work as hard as the disks do. */
const STORAGE_THREAD =
  /^(z_|zvol|zthr_|txg_|arc_|dbu_|dbuf_|dp_|l2arc_|mmp|spl_|md\d+_|dmcrypt_write|drbd|nfsd$)[\w-]*$/;

/** A kernel thread with one CPU serves that CPU, and cannot be moved. */
function findStorageThreads(view: DoctorView): Judgement<BystanderFacts['storage-threads-on-pinned']> | null {
  const taken = takenCpus(view);
  const threads = view.tasks.filter(
    ({ name, isKernel, allowed }) =>
      isKernel && allowed.size > 1 && STORAGE_THREAD.test(name) && !allowed.isDisjointFrom(taken),
  );
  if (threads.length === 0) return null;
  const cpus = unionOf(threads.map(({ allowed }) => allowed)).intersection(taken);
  const names = namesOf(threads);
  const examples = names.flatMap(name => threads.find(thread => thread.name === name) ?? []);
  return {
    facts: { names, threads: threads.length, cpus },
    evidence: [...examples.map(nameEvidence), ...ownerEvidence(view, cpus)],
    fix: moveThreads(names, sharedCpus(view)),
  };
}

function moveThreads(names: readonly string[], rest: CpuSet): Fix | null {
  if (rest.isEmpty) return null;
  const command = `for p in $(pgrep -x '${names.join('|')}'); do taskset -p -c ${encodeIdList(rest)} $p; done`;
  return { kind: 'commands', commands: [['sh', '-c', command]] };
}

const confine = (tasks: readonly Task[], cpus: CpuSet): Fix => ({
  kind: 'commands',
  commands: tasks.map(({ pid }) => ['taskset', '-a', '-p', '-c', encodeIdList(cpus), `${pid}`]),
});

const namesOf = (tasks: readonly Task[]): readonly string[] => [...new Set(tasks.map(({ name }) => name))].sort();

const nameEvidence = ({ pid, name }: Task): Evidence => ({ file: `/proc/${pid}/comm`, line: 1, text: name });
