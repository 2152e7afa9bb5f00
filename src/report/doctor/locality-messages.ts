// The English of findings about CPUs, memory and devices on different nodes.
import type { LocalityFacts } from '#domain/doctor/locality-facts.ts';
import { encodeIdList } from '#domain/id-list.ts';
import type { NodeSet } from '#domain/id-set.ts';
import type { DoctorMessages } from './message.ts';

const nodes = (set: NodeSet): string => `node ${encodeIdList(set)}`;

export const localityMessages: DoctorMessages<LocalityFacts> = {
  'memory-remote': {
    what: f =>
      f.by === 'config'
        ? `It runs on CPUs ${encodeIdList(f.cpus)} of ${nodes(f.cpuNodes)}, and its memory is to be on ${nodes(f.memoryNodes)}.`
        : `It runs on CPUs ${encodeIdList(f.cpus)} of ${nodes(f.cpuNodes)}, and has ${Math.round(f.remoteMiB ?? 0)} MiB on ${nodes(f.memoryNodes)}.`,
    why: 'Memory stays on the node where it was first touched or bound; from the CPUs of another node every access goes through the link between them, half as slow again or worse, and shares it with everybody.',
    advice: f =>
      f.by === 'config'
        ? `Choose one: hostnodes=${encodeIdList(f.cpuNodes)} in the numaN lines, or an affinity of CPUs on ${nodes(f.memoryNodes)}.`
        : `Restart it with its pins in place, or move the pages now with migratepages (numactl); hostnodes=${encodeIdList(f.cpuNodes)} in a numa0 line keeps them there.`,
  },
  'device-remote': {
    what: f =>
      `${f.devices.map(one => `${one.key} (${one.address}) is on ${nodes(one.nodes)}`).join('; ')}, and its ${f.by === 'cpus' ? 'CPUs are' : 'memory is'} on ${nodes(f.near)}.`,
    why: 'A device writes to memory and interrupts CPUs: from another node both go through the link between the nodes, which costs latency and, with fast cards, bandwidth.',
    advice: ({ devices }) =>
      `Place the guest near its device (\`near: [${devices.map(({ key }) => key).join(', ')}]\` in the policy), or put the card into a slot of the other node.`,
  },
  'guest-spans-nodes': {
    what: f =>
      `Its ${f.by === 'affinity' ? 'affinity' : 'memory'} spans ${nodes(f.nodes)}, though ${f.vcpus} vCPUs and ${f.memoryMiB} MiB would fit one (${encodeIdList(f.fits)}).`,
    why: 'A guest on two nodes has half of its memory far away at any time, and a guest that was not told so cannot even try to avoid it.',
    advice: f =>
      `Keep it inside one node: an affinity of that node's CPUs, and one numa0 line with hostnodes=${f.fits.first} for all of its memory; \`berth policy set\` with class=dedicated or confined does both.`,
  },
  'sockets-split-guest': {
    what: f =>
      `The guest sees ${f.sockets} NUMA nodes of ${f.cores} ${f.cores === 1 ? 'vCPU' : 'vCPUs'} each, which the host does not keep apart.`,
    why: 'With numa: 1 Proxmox makes a guest node of each socket and binds it to no host node. The guest then keeps its processes and their memory in halves, for distances that are not there.',
    advice: f => `Set sockets: 1 and cores: ${f.sockets * f.cores}; the guest sees it after its next start.`,
  },
};
