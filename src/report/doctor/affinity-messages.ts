// The English of findings about affinity.
import type { AffinityFacts } from '#domain/doctor/affinity-facts.ts';
import { encodeIdList } from '#domain/id-list.ts';
import { printable } from '../printable.ts';
import { cpuWords } from './count-words.ts';
import type { DoctorMessages } from './message.ts';

const names = (keys: readonly string[]): string => keys.map(printable).join(', ');

const partitionWords = (cgroups: readonly string[]): string =>
  cgroups.length === 1 ? `partition ${names(cgroups)} has` : `partitions ${names(cgroups)} have`;

export const affinityMessages: DoctorMessages<AffinityFacts> = {
  'unknown-key': {
    what: f => `Proxmox knows no ${f.keys.length === 1 ? 'key' : 'keys'} ${names(f.keys)}.`,
    why: 'It warns in its log, ignores such lines, and drops them when it next writes the file.',
    advice: (f, subject) =>
      f.pinning.length > 0
        ? `Remove them. What they were meant for is \`berth policy set ${subject} class=dedicated\`: every vCPU on a CPU of its own.`
        : 'Look for a misspelt key. One of a newer Proxmox version than Berth knows is no mistake: ignore this finding.',
  },
  'affinity-zero': {
    what: f => `affinity: ${printable(f.value)} does nothing: the VM runs on every CPU.`,
    why: 'Proxmox takes the text 0 for "no" and starts the VM without taskset.',
    advice: () => 'Remove the line, or write 0-0 if CPU 0 alone is really meant.',
  },
  'affinity-breaks-start': {
    what: f =>
      f.problem === 'affinity-cpus-missing'
        ? `None of the CPUs in affinity: ${printable(f.value)} is online, so the VM cannot start.`
        : `taskset cannot read affinity: ${printable(f.value)}, so the VM cannot start.`,
    why: 'Proxmox accepts more than taskset does, and checks no CPU against the machine.',
    advice: f =>
      f.problem === 'affinity-cpus-missing'
        ? 'Name CPUs that this node has, or remove the line.'
        : 'Write the list without spaces and without a comma at its end.',
  },
  'affinity-absent-cpus': {
    what: f =>
      `CPUs ${encodeIdList(f.absent)} of its affinity are not online: it runs on ${encodeIdList(f.used)} only.`,
    why: 'taskset passes over CPUs that are not there without a word, so vCPUs crowd on those that are.',
    advice: () => 'Name CPUs that are there. Offline ones may come back: see whether SMT or CPU hotplug took them.',
  },
  'affinity-outside-cgroup': {
    what: f =>
      `Its affinity ${encodeIdList(f.cpus)} lies wholly outside ${cpuWords(f.allowed)}, which are all that VMs may use, so it cannot start.`,
    why: 'taskset runs in the cgroup of the VM; the kernel refuses a mask of which the cpuset of that cgroup leaves nothing.',
    advice: f =>
      f.partitions.length > 0
        ? `The cpuset ${partitionWords(f.partitions)} taken them: name other CPUs, or dissolve it (\`echo member\` into cpuset.cpus.partition there).`
        : 'See who took the CPUs: AllowedCPUs of qemu.slice (`systemctl show -p AllowedCPUs qemu.slice`), or a partition (`grep -r . /sys/fs/cgroup --include=cpuset.cpus.partition`). Give them back, or name others.',
  },
  'affinity-cut-by-partition': {
    what: f =>
      `${cpuWords(f.cpus)} of its affinity ${f.cpus.size === 1 ? 'belongs' : 'belong'} to the cpuset ${f.partitions.length === 1 ? 'partition' : 'partitions'} ${names(f.partitions)}: it gets ${cpuWords(f.used)} only.`,
    why: 'A cpuset partition takes its CPUs out of all other cgroups; taskset asks for the whole list, and the kernel silently gives what is left.',
    advice: f =>
      `Name CPUs that no partition has, or dissolve it (\`echo member\` into cpuset.cpus.partition of ${names(f.partitions)}).`,
  },
  'affinity-taken': {
    what: f =>
      `Its affinity names ${cpuWords(f.cpus)}, taken by ${f.others.length === 1 ? 'guest' : 'guests'} ${f.others.join(', ')}.`,
    why: 'Proxmox compares the affinity of a VM with that of no other guest: both run there, and each waits for the other.',
    advice: (_, subject) =>
      `Give it CPUs of its own. \`berth policy set ${subject} class=dedicated\` and \`berth plan\` find some; clones keep the affinity of their original until somebody changes it.`,
  },
  'affinity-too-narrow': {
    what: f => `Its ${f.vcpus} vCPUs share ${cpuWords(f.cpus)}.`,
    why: 'affinity is one mask for the whole process: vCPUs, iothreads and emulator threads take turns on it, and a vCPU that waits may hold a lock that the others need.',
    advice: f => `Name at least ${f.vcpus} CPUs, or give the VM fewer vCPUs.`,
  },
};
