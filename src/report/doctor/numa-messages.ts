// The English of findings about the NUMA lines of VMs.
import type { NumaFacts } from '#domain/doctor/numa-facts.ts';
import { printable } from '../printable.ts';
import type { DoctorMessages } from './message.ts';

const list = (keys: readonly string[]): string => keys.join(', ');
const plural = (items: readonly unknown[], one: string, many: string): string => (items.length === 1 ? one : many);

export const numaMessages: DoctorMessages<NumaFacts> = {
  'numa-line-without-numa': {
    what: f => `${list(f.keys)} ${plural(f.keys, 'counts', 'count')} for nothing without "numa: 1".`,
    why: 'Proxmox reads numaN lines only when numa is on; memory is then wherever the kernel puts it.',
    advice: f => {
      if (f.problem !== null)
        return `Setting numa: 1 would stop the VM from starting (${f.problem}): repair the lines first.`;
      return f.binds
        ? 'Set numa: 1, but write policy=preferred: memory bound to a full node is killed, not moved.'
        : 'Set numa: 1; it counts from the next start.';
    },
  },
  'numa-line-dropped': {
    what: f => `Proxmox cannot read ${list(f.keys)} and drops ${plural(f.keys, 'the line', 'the lines')}.`,
    why: 'A line with an unknown property, an unknown policy or without cpus= is only warned of in the log, then ignored, and gone when Proxmox next writes the file.',
    advice: () =>
      'Write it as cpus=0-3,memory=4096,hostnodes=0,policy=preferred: lists with ";", memory in MiB, and preferred, bind or interleave for the policy.',
  },
  'start-fails': {
    what: f =>
      f.says === null
        ? `The VM cannot start (${f.problem}).`
        : `The VM cannot start: "${printable(f.says)}" (${f.problem}).`,
    why: 'Proxmox and QEMU check such values only when the VM starts, not when they are set.',
    advice: f => `Correct ${list(f.keys)}; \`qm showcmd\` shows what QEMU is asked for.`,
  },
  'numa-memory-sum': {
    what: f => {
      if (f.missing.length > 0)
        return `${list(f.missing)} ${plural(f.missing, 'says', 'say')} no memory, so the VM cannot start.`;
      const unread = f.dropped.length > 0 ? `, with ${list(f.dropped)} dropped as unreadable,` : '';
      return `The memory of ${list(f.keys)}${unread} adds up to ${f.sumMiB} MiB, but memory is ${f.memoryMiB}: the VM cannot start.`;
    },
    why: 'Proxmox gives QEMU one piece of memory for each line, and stops unless together they are exactly the memory of the VM.',
    advice: f =>
      `Change the memory= of the lines until they add up to ${f.memoryMiB}, or memory to what they add up to.`,
  },
  'numa-memory-sockets': {
    what: f => `Its ${f.memoryMiB} MiB cannot be split among ${f.sockets} sockets, so the VM cannot start.`,
    why: 'With numa: 1 and no numaN lines Proxmox makes one guest node of each socket, each with an equal part in fractions of a MiB; QEMU rounds them, and the sum is then another.',
    advice: f => `Make memory a multiple of ${f.sockets}, set sockets: 1, or write numaN lines.`,
  },
  'numa-vcpus-beyond': {
    what: f =>
      `${list(f.keys)} ${plural(f.keys, 'names', 'name')} vCPU ${f.beyond}, but the VM has 0-${f.vcpus - 1}: it cannot start.`,
    why: 'cpus= counts the vCPUs of the guest, sockets × cores of them, from 0; QEMU refuses any other number.',
    advice: () => 'Take the numbers out of cpus=, or give the VM more cores.',
  },
  'numa-host-cpus': {
    what: f =>
      `cpus=${f.cpus} in ${list(f.keys)} are CPUs of the host; the VM has vCPUs 0-${f.vcpus - 1} and cannot start.`,
    why: 'cpus= says which vCPUs of the guest are in a guest node. It pins nothing: where vCPUs run is said by affinity, where memory is by hostnodes.',
    advice: f =>
      `Count vCPUs from 0, as in cpus=0-${f.vcpus - 1} for a single line; give the CPUs of the host to affinity, or to \`berth policy set\`.`,
  },
  'numa-vcpus-twice': {
    what: f => `vCPU ${f.twice} is in more than one of ${list(f.keys)}, so the VM cannot start.`,
    why: 'A vCPU belongs to one guest node; Proxmox does not check that, QEMU does.',
    advice: () => 'Leave each vCPU in one line.',
  },
  'numa-vcpus-uncovered': {
    what: f => `vCPU ${f.uncovered} is in no numaN line (${list(f.keys)} of ${f.vcpus} vCPUs).`,
    why: 'QEMU warns, and puts what is left over into guest node 0, next to memory that was not meant for it.',
    advice: f => `Name every vCPU from 0 to ${f.vcpus - 1} in one of the lines.`,
  },
  'numa-node-gap': {
    what: f => {
      const unread = f.dropped.length > 0 ? ` (Proxmox cannot read ${list(f.dropped)} and drops it)` : '';
      return `There is ${list(f.keys)} but no ${list(f.gaps)}${unread}: the VM cannot start.`;
    },
    why: 'The number of a line is the number of the guest node, and QEMU wants nodes numbered from 0 without a gap.',
    advice: f => (f.dropped.length > 0 ? `Repair ${list(f.dropped)}.` : 'Number the lines from numa0 on, in order.'),
  },
};
