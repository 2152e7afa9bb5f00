// The English of findings about what moves, merges or changes memory.
import type { MemoryFacts } from '#domain/doctor/memory-facts.ts';
import { printable } from '../printable.ts';
import type { DoctorMessages } from './message.ts';

const HOTPLUG_ADVICE: Readonly<Record<string, string>> = {
  'memory-hotplug-without-numa': 'Set numa: 1, or take memory out of hotplug.',
  'memory-hotplug-with-numa-lines': 'Decide for one: take memory out of hotplug, or remove the numaN lines.',
  'memory-hotplug-with-virtiofs': 'Decide for one: take memory out of hotplug, or remove the virtiofs lines.',
  'memory-hotplug-too-large': 'Give the VM less memory, or a CPU type that knows more address bits (cpu: host).',
  'memory-hotplug-too-small': 'Give the VM at least 1024 MiB, or take memory out of hotplug.',
  'memory-hotplug-unaligned':
    'Make memory a multiple of the size that the message names, or take memory out of hotplug.',
};

export const memoryMessages: DoctorMessages<MemoryFacts> = {
  'ksm-merges-across-nodes': {
    what: f => `KSM merges pages across NUMA nodes, also those of pinned VMs ${f.vmids.join(', ')}.`,
    why: 'Of equal pages one is kept, on whichever node it happens to be: for the others that memory is remote.',
    advice: () => 'Merge within nodes only, or keep one VM out with allow-ksm: 0 (qemu-server 9.0.27 and later).',
  },
  'numa-balancing': {
    what: f => `Automatic NUMA balancing works on the memory of pinned VMs ${f.vmids.join(', ')}.`,
    why: 'The kernel takes pages away from the guest for a moment to see which CPU asks for them; each costs a fault in the middle of the guest. Memory with hostnodes= and hugepages of a pool are left alone.',
    advice: () =>
      'Give these VMs numaN lines with hostnodes= and policy=preferred, or switch it off where every guest is placed: sysctl kernel.numa_balancing=0.',
  },
  'transparent-hugepages-off': {
    what: f => `Transparent hugepages are off: the memory of pinned VMs ${f.vmids.join(', ')} is in pages of 4 KiB.`,
    why: 'QEMU asks for large pages for all guest memory, which madvise allows and never does not; with small ones the guest misses the TLB more often, and each miss walks two page tables.',
    advice: () =>
      'Write madvise to /sys/kernel/mm/transparent_hugepage/enabled, unless it was switched off for a reason.',
  },
  'memory-hotplug-fails': {
    what: f =>
      f.says === null
        ? `Memory hotplug keeps the VM from starting (${f.problem}).`
        : `Memory hotplug keeps the VM from starting: "${printable(f.says)}" (${f.problem}).`,
    why: 'With hotplug the VM starts with 1 GiB and gets the rest as modules, which Proxmox deals out to guest nodes of its own making; it wants numa: 1 and no numaN lines.',
    advice: f => HOTPLUG_ADVICE[f.problem] ?? 'Take memory out of hotplug.',
  },
  'balloon-on-placed-memory': {
    what: f =>
      `Its balloon may take it from ${f.memoryMiB} down to ${f.balloonMiB} MiB, although its memory was placed.`,
    why: 'When the host runs short the balloon takes any pages of the guest; later they are taken anew, and from another node if the first is full. Pages of a hugepage pool that come back help nobody but other VMs with hugepages.',
    advice: () => 'Set balloon: 0 on a guest whose memory matters, and let others give theirs.',
  },
};
