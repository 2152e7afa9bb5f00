// The English of findings about host nodes and the memory bound to them.
import type { HostNodesFacts } from '#domain/doctor/host-nodes-facts.ts';
import { encodeIdList } from '#domain/id-list.ts';
import type { NodeSet } from '#domain/id-set.ts';
import { printable } from '../printable.ts';
import type { DoctorMessages } from './message.ts';

const nodes = (set: NodeSet): string => `${set.size === 1 ? 'node' : 'nodes'} ${encodeIdList(set)}`;
const list = (keys: readonly unknown[]): string => keys.join(', ');
/** Whole MiB are enough for people. */
const mib = (size: number): string => `${Math.round(size)} MiB`;

export const hostNodesMessages: DoctorMessages<HostNodesFacts> = {
  'host-node-absent': {
    what: f =>
      f.key === 'hugepages'
        ? `Its hugepages are to come from ${nodes(f.absent)}, which this host has not: the VM cannot start.`
        : `${f.key} names ${nodes(f.absent)}, which this host has not (it has ${encodeIdList(f.present)}): the VM cannot start.`,
    why: 'Proxmox looks for each host node when the VM starts, on the host where it starts; for hugepages without numaN lines it takes host node 0 for the first socket, 1 for the second.',
    advice: f =>
      f.key === 'hugepages'
        ? 'Set sockets: 1, or write numaN lines with the nodes that there are.'
        : `Write one of the nodes ${encodeIdList(f.present)} for hostnodes=.`,
  },
  'host-node-without-memory': {
    what: f => `${f.key} binds memory to ${nodes(f.nodes)}, which has none: the VM cannot start.`,
    why: 'A node may have CPUs and no memory slots in use; the kernel refuses to bind memory there.',
    advice: f => `Take a node with memory (${encodeIdList(f.withMemory)}), the nearest by \`numactl --hardware\`.`,
  },
  'host-nodes-garbled': {
    what: f =>
      `${f.lines.map(({ key, written, bound }) => `${key} asks for ${nodes(written)} and gets ${nodes(bound)}`).join('; ')}.`,
    why: 'Proxmox loses the separator after a list that begins with 0: hostnodes=0;1 reaches QEMU as 01.',
    advice: () => 'Write one node, or one range such as hostnodes=0-1: nothing else arrives as it was written.',
  },
  'host-nodes-refused': {
    what: f => `QEMU does not take hostnodes=${printable(f.value)} of ${f.key}, so the VM cannot start.`,
    why: 'Proxmox joins the parts of a list with commas, and a comma ends the option: what follows is an unknown option to QEMU.',
    advice: () => 'Write one node, or one range such as hostnodes=1-2.',
  },
  'host-nodes-without-policy': {
    what: f => `${f.key} names ${nodes(f.nodes)} but no policy, so the VM cannot start.`,
    why: 'Proxmox has no default for the policy, and says so only at the start.',
    advice: () =>
      'Add policy=preferred: memory goes to another node when that one is full. With bind the VM is killed then.',
  },
  'policy-without-host-nodes': {
    what: f => `The policy of ${list(f.keys)} does nothing: the line names no host node.`,
    why: 'Proxmox passes a policy on only together with hostnodes=, and drops it without a word.',
    advice: () => 'Add hostnodes= with the node of the CPUs that the VM runs on, or take the policy out.',
  },
  'bind-too-large': {
    what: f =>
      `${list(f.keys)} binds ${mib(f.memoryMiB)} to ${nodes(f.nodes)}, which has ${mib(f.totalMiB)} in all: the VM will be killed when it uses them.`,
    why: 'Memory is taken when the guest first touches it. Under bind the kernel may take it from nowhere else, and kills the VM when it is used up, whatever other nodes have free.',
    advice: () =>
      'Write policy=preferred, bind a part of the memory to another node by a second numaN line, or give the VM less.',
  },
  'bind-over-free': {
    what: f =>
      `${list(f.keys)} may take ${mib(f.wantedMiB)} more from ${nodes(f.nodes)}, which has ${mib(f.availableMiB)} free: the VM may be killed.`,
    why: 'Memory is taken when the guest first touches it. Under bind the kernel may take it from nowhere else, and kills the VM when it is used up, whatever other nodes have free.',
    advice: () => 'Write policy=preferred, free memory on that node, or bind to another one.',
  },
  'node-memory-overcommitted': {
    what: f => `VMs ${list(f.vmids)} want ${mib(f.wantedMiB)} of ${nodes(f.nodes)}, which has ${mib(f.totalMiB)}.`,
    why: 'They run or start at boot, and their numaN lines name this node alone. Whoever touches its memory last gets none there: it is remote under preferred, and the VM is killed under bind.',
    advice: f =>
      f.binding.length > 0
        ? `Move some of them to another node, and write policy=preferred for ${list(f.binding)}; \`berth plan\` places all together.`
        : 'Move some of them to another node; `berth plan` places all together.',
  },
};
