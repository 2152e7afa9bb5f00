// The English of findings about hugepages.
import type { HugepagesFacts } from '#domain/doctor/hugepages-facts.ts';
import { encodeIdList } from '#domain/id-list.ts';
import { printable } from '../printable.ts';
import type { DoctorMessages } from './message.ts';

const pageSize = (pageMiB: number): string => (pageMiB === 1024 ? '1 GiB' : `${pageMiB} MiB`);

const SIZE_PROBLEMS: Readonly<Record<string, string>> = {
  'hugepages-odd-size': 'its memory, or a part of it, is not a positive even number of MiB',
  'hugepages-unsupported': 'this host has no pages of that size',
  'hugepages-not-multiple': 'its memory, or a part of it, is no multiple of that size',
};

export const hugepagesMessages: DoctorMessages<HugepagesFacts> = {
  'hugepages-without-numa': {
    what: f => `hugepages: ${printable(f.value)} without numa: 1 keeps the VM from starting.`,
    why: 'Proxmox hands out hugepages by guest NUMA node, and stops where there are none.',
    advice: () => 'Set numa: 1, best with a numa0 line that says from which host node the pages come.',
  },
  'hugepages-host-node': {
    what: f => {
      if (f.twoDigits)
        return `${f.key} takes hugepages from node ${encodeIdList(f.nodes)}: Proxmox refuses ids above 9, so the VM cannot start.`;
      return f.nodes.isEmpty
        ? `${f.key} does not say from which node its hugepages come, so the VM cannot start.`
        : `${f.key} takes hugepages from nodes ${encodeIdList(f.nodes)}: Proxmox wants exactly one, so the VM cannot start.`;
    },
    why: 'With numaN lines Proxmox allocates pages on the host node of each line, and accepts one node of one digit; it calls anything else "more than 1 hostnode".',
    advice: f =>
      f.twoDigits
        ? 'Take a node from 0 to 9, or do without hugepages on that one.'
        : 'Name one node in every line: hostnodes=0,policy=preferred. Memory of two nodes takes two lines.',
  },
  'hugepages-size': {
    what: f =>
      `hugepages: ${printable(f.value)} for ${f.memoryMiB} MiB keeps the VM from starting: ${SIZE_PROBLEMS[f.problem] ?? f.problem}.`,
    why: 'Each guest node is made of whole pages, and Proxmox checks that only when the VM starts.',
    advice: f =>
      f.supportedMiB.length === 0
        ? 'Remove hugepages: this kernel offers none.'
        : `Choose among ${f.supportedMiB.map(pageSize).join(', ')}, and make memory, and memory= of every numaN line, a multiple of it.`,
  },
  'hugepages-unbound': {
    what: () => 'Its hugepages are allocated on one node, but nothing ties the VM to them.',
    why: 'Without numaN lines Proxmox makes room for the pages of socket i on host node i and gives QEMU no node: pages are taken wherever the threads run, and the start may fail for want of pages there.',
    advice: f =>
      f.sockets === 1
        ? `Say where they come from: numa0: cpus=0-${f.vcpus - 1},memory=${f.memoryMiB},hostnodes=0,policy=preferred.`
        : `Write a numaN line with hostnodes= for each of the ${f.sockets} guest nodes, or set sockets: 1 and write one.`,
  },
  'hugepages-short': {
    what: f =>
      f.ever
        ? `It needs ${f.neededPages} pages of ${pageSize(f.pageMiB)} from node ${encodeIdList(f.nodes)}, more than that node has memory: it cannot start.`
        : `It needs ${f.neededPages} pages of ${pageSize(f.pageMiB)} from node ${encodeIdList(f.nodes)}; ${f.freePages} are free there, and ${Math.round(f.availableMiB)} MiB to make others of: it cannot start now.`,
    why: 'Proxmox raises the pool of that node by what is missing before it starts QEMU, and gives up with "hugepage allocation failed" when the kernel cannot find them.',
    advice: f =>
      f.ever
        ? 'Give the VM less memory, or split it over two nodes by numaN lines.'
        : 'Free memory on that node, take another one, or allocate the pages at boot: hugepagesz=1G hugepages=N (or 2M), and keephugepages: 1.',
  },
  'hugepages-late': {
    what: f =>
      `It needs ${f.neededPages} pages of 1 GiB from node ${encodeIdList(f.nodes)}, of which ${f.freePages} are allocated: the start depends on finding the rest.`,
    why: 'A page of 1 GiB is one unbroken piece of memory; some time after boot there is hardly one left, however much is free, and then the VM does not start.',
    advice: () => 'Allocate them at boot with hugepagesz=1G hugepages=N and set keephugepages: 1, or use hugepages: 2.',
  },
  'hugepages-pool-freed': {
    what: f =>
      `Its start gives back the pool of ${pageSize(f.pageMiB)} pages: of ${f.totalPages}, Proxmox leaves ${f.kept} beside those in use.`,
    why: 'Without keephugepages Proxmox sets the pools of all nodes back to the number it reads on the kernel command line, and it understands only hugepagesz=2M or 1G followed by hugepages=N.',
    advice: f =>
      f.misread
        ? 'Set keephugepages: 1 on every VM with hugepages; hugepages=0:8,1:8 and default_hugepagesz= are not understood.'
        : 'Set keephugepages: 1 on every VM with hugepages, or let go of the pool.',
  },
};
