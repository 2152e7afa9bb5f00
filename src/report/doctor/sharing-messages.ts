// The English of findings about guests that get in each other's way, and tasks of the host that get in theirs.
import type { SharingFacts } from '#domain/doctor/sharing-facts.ts';
import { encodeIdList } from '#domain/id-list.ts';
import type { CpuSet, NodeSet } from '#domain/id-set.ts';
import type { VmId } from '#domain/ids.ts';
import { printable } from '../printable.ts';
import { cpuWords } from './count-words.ts';
import type { DoctorMessages } from './message.ts';

const guests = (vmids: readonly VmId[]): string => `${vmids.length === 1 ? 'guest' : 'guests'} ${vmids.join(', ')}`;

const MOST_NAMES = 5;
const names = (all: readonly string[]): string =>
  `${all.slice(0, MOST_NAMES).map(printable).join(', ')}${all.length > MOST_NAMES ? ', …' : ''}`;

/** A config line for containers; empty when nothing is left to name. */
const cpusetLine = (rest: CpuSet): string => (rest.isEmpty ? '' : `\`lxc.cgroup2.cpuset.cpus: ${encodeIdList(rest)}\``);

const nodeWords = (nodes: NodeSet): string => `${nodes.size === 1 ? 'node' : 'nodes'} ${encodeIdList(nodes)}`;

export const sharingMessages: DoctorMessages<SharingFacts> = {
  'siblings-split': {
    what: f =>
      `Its CPUs ${encodeIdList(f.cpus)} share cores with CPUs ${encodeIdList(f.otherCpus)}, which VM ${f.other} is pinned to.`,
    why: 'Two threads of one core share its execution units and caches: each slows the other down whenever it works.',
    advice: () => 'Give whole cores to one guest; `berth plan` does.',
  },
  'siblings-as-cores': {
    what: f =>
      `Its ${cpuWords(f.cpus)} are ${f.cpus.size} threads of ${f.cores} ${f.cores === 1 ? 'core' : 'cores'}, which the guest takes for ${f.cpus.size} cores; whole cores are free (${cpuWords(f.free)}).`,
    why: 'Proxmox tells no guest of threads, so its scheduler puts two busy tasks on one core while others are idle.',
    advice: (_, subject) =>
      `Give each vCPU a core: \`berth policy set ${subject} class=dedicated smt=isolate\`, then \`berth plan\`. \`smt=pairs\` says that it is meant so, and ends this finding.`,
  },
  'containers-on-pinned': {
    what: f =>
      `${f.vmids.length === 1 ? 'Container' : 'Containers'} ${f.vmids.join(', ')} may run on ${cpuWords(f.cpus)}, which guests have for themselves.`,
    why: 'Every ten seconds pvestatd deals containers out over all CPUs of the root cgroup; it knows nothing of VM affinity nor of isolcpus, and leaves alone only containers with a cpuset line of their own.',
    advice: f =>
      f.rest.isEmpty
        ? 'No CPU is left for them: give the guests fewer CPUs of their own.'
        : `Write ${cpusetLine(f.rest)} into /etc/pve/lxc/VMID.conf of each and restart it, or let \`berth plan\` do it where guests are dedicated.`,
  },
  'container-cpus-taken': {
    what: f =>
      `Its lxc.cgroup2.cpuset.cpus names ${cpuWords(f.cpus)}, which ${guests(f.others)} ${f.others.length === 1 ? 'has' : 'have'} for ${f.others.length === 1 ? 'itself' : 'themselves'}.`,
    why: 'Proxmox compares the CPUs of a container with those of no other guest: both run there, and each waits for the other.',
    advice: f =>
      f.rest.isEmpty
        ? 'Name other CPUs in that line, then restart the container.'
        : `Write ${cpusetLine(f.rest)} instead, then restart the container.`,
  },
  'container-starved': {
    what: f => `It is to have ${f.cores} cores, and may run on ${cpuWords(f.cpus)} only.`,
    why: 'cores is the most that a container gets: Proxmox takes as many CPUs as the cpuset leaves, and says nothing when they are fewer.',
    advice: f =>
      f.isOwnLine
        ? 'Name more CPUs in its lxc.cgroup2.cpuset.cpus line, or set `cores` to what it really has.'
        : 'Give back CPUs that a partition or the cgroup lxc keeps from all containers, or set `cores` to what it really has.',
  },
  'helpers-outside-mask': {
    what: f =>
      `Processes that serve it (${names(f.names)}) are not held to ${cpuWords(f.mask)}: they may also run on ${cpuWords(f.outside)}.`,
    why: 'taskset holds QEMU alone. swtpm, virtiofsd and qemu-storage-daemon are started beside it; vhost workers are kernel threads of their own before kernel 6.4.',
    advice: () =>
      'Of a VM that Berth has placed, `berth apply` moves them, and after each start the agent does. Of any other, move them after each start.',
  },
  'storage-threads-on-pinned': {
    what: f =>
      `${f.threads === 1 ? 'A kernel thread' : `${f.threads} kernel threads`} for storage (${names(f.names)}) may run on ${cpuWords(f.cpus)}, kept for guests.`,
    why: 'Compression, checksums and parity are computed in such threads: a burst of writes takes the CPU from a vCPU for milliseconds. Threads that have one CPU only serve that CPU and cannot be moved.',
    advice: () =>
      'These can be moved, until the kernel starts new ones; to keep new ones off as well, boot with nohz_full= for these CPUs.',
  },
  'template-pinned': {
    what: f => `This template has affinity ${encodeIdList(f.cpus)}, and every clone of it gets the same.`,
    why: 'A clone copies affinity as it is, and Proxmox never compares it with that of other VMs.',
    advice: () => 'Take the line out of the template, and give each clone CPUs of its own.',
  },
  'snapshot-takes-cpus': {
    what: f =>
      `A rollback to ${f.snapshots.map(printable).join(', ')} puts back an affinity with ${cpuWords(f.cpus)}, which ${guests(f.others)} ${f.others.length === 1 ? 'has' : 'have'} now.`,
    why: 'A snapshot carries the whole config of its time, and rollback restores it without looking at other guests.',
    advice: () => 'After a rollback set the affinity anew, or run `berth plan`; or delete snapshots that nobody needs.',
  },
  'snapshot-breaks-start': {
    what: f =>
      `After a rollback to ${f.snapshots.map(printable).join(', ')} it does not start on this machine${f.says === null ? '' : `: ${printable(f.says)}`}.`,
    why: 'A snapshot carries the whole config of its time: CPUs and NUMA nodes that the machine had then, memory lines for another size.',
    advice: () =>
      'After a rollback set the lines anew before the start, or run `berth plan`; or delete snapshots that nobody needs.',
  },
  'snapshot-moves-memory': {
    what: f =>
      `A rollback to ${f.snapshots.map(printable).join(', ')} puts its memory on ${nodeWords(f.nodes)}; its placement has it on ${nodeWords(f.placed)}.`,
    why: 'Rollback restores the numaN lines of then, while the placement goes on holding its vCPUs to the CPUs of today: every access to memory crosses between nodes.',
    advice: () =>
      'After a rollback run `berth plan` and `berth apply` before the start; or delete snapshots that nobody needs.',
  },
};
