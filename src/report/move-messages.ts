// The English of what stands in a guest's way to another node, and of the steps of a move.
import { encodeIdList } from '#domain/id-list.ts';
import type { IdSet } from '#domain/id-set.ts';
import type { CpuSite, MoveCode, MovedCpu, MoveFinding, MoveStepReason } from '#domain/move.ts';
import { renderMib } from './memory-text.ts';
import { printable } from './printable.ts';

export interface MoveNames {
  readonly node: string;
  readonly target: string;
}

type Messages = { readonly [Code in MoveCode]: (facts: MoveFinding<Code>, names: MoveNames) => string };

const list = <Id extends number>(set: IdSet<Id>): string => (set.isEmpty ? 'none' : encodeIdList(set));
const names = (texts: readonly string[]): string => texts.map(printable).join(', ');

const MESSAGES: Messages = {
  'vcpus-over-cpus': (f, { target }) =>
    `It has ${f.vcpus} vCPUs (sockets × cores), ${target} has ${f.cpus} CPUs: Proxmox starts no such guest.`,
  'affinity-absent': (f, { target }) =>
    `affinity names CPUs ${list(f.affinity)}; ${target} has ${list(f.online)}. None of them is there, so taskset fails and QEMU does not start.`,
  'affinity-narrower': (f, { target }) =>
    `affinity also names CPUs ${list(f.absent)}, which ${target} does not have: all ${f.vcpus} vCPUs would share CPUs ${list(f.left)}.`,
  'pins-elsewhere': (f, { target }) =>
    `${f.cpus.length === 1 ? 'One CPU number' : `${f.cpus.length} CPU numbers`} of its affinity stand for other cores on ${target}:`,
  'container-cpus-absent': (f, { target }) =>
    `lxc.cgroup2.cpuset.cpus names CPUs ${list(f.absent)}, which ${target} does not have; the kernel refuses numbers that it has no CPU for, and then the container does not start.`,
  'host-nodes-absent': (f, { target }) =>
    `${f.key} binds memory to host node ${list(f.nodes)}, which ${target} does not have: Proxmox starts no such guest.`,
  'memory-apart': (f, { target }) =>
    `Its memory is bound to node ${list(f.memory)}, and on ${target} its CPUs are on node ${list(f.cpus)}: every access would cross nodes.`,
  'bind-too-large': (f, { target }) =>
    `${f.key} binds ${renderMib(f.memoryMiB)} to node ${f.node}, which has ${renderMib(f.totalMiB)} in all on ${target}: it starts, and the kernel kills it when it has filled the node.`,
  'hugepages-absent': (f, { target }) =>
    `It wants hugepages (${printable(f.hugepages)}); the kernel of ${target} has ${f.sizesKiB.length === 0 ? 'none' : `sizes ${f.sizesKiB.join(', ')} KiB`}.`,
  'device-absent': (f, { target }) => `${f.key} passes through ${printable(f.address)}; ${target} has no such device.`,
  'device-differs': (f, { target }) =>
    `${f.key} passes through ${printable(f.address)}: on ${target} that is another device, ${printable(f.there)} instead of ${printable(f.here ?? 'an unknown one')}.`,
  'mapping-absent': (f, { target }) =>
    `${f.key} uses the mapping "${printable(f.mapping)}", which has no entry for ${target}.`,
  'passthrough-running': f =>
    `${f.keys.join(', ')}: a running guest cannot take its passthrough devices along. Shut it down for the move.`,
  'hookscript-storage': (f, { target }) =>
    `Its hookscript ${printable(f.volume)} is on a storage that ${target} does not have${f.nodes.length === 0 ? '' : ` (only ${names(f.nodes)})`}.`,
  'hookscript-absent': (f, { target }) =>
    `Its hookscript ${printable(f.volume)} is a file of each node's own storage, and ${target} has none of that name. Copy it there, executable.`,
  'start-refused': f =>
    `It does not start there with its ${names(f.keys)} (${f.problem})${f.says === null ? '' : `: "${printable(f.says)}"`}.`,
  'ha-managed': f =>
    `The high-availability manager has it as ${printable(f.resource)} and may move it again by itself.`,
  'ha-elsewhere': (f, { target }) =>
    f.strict
      ? `The rule "${printable(f.rule)}" allows it on ${names(f.nodes)} only: the high-availability manager does not run it on ${target}.`
      : `The rule "${printable(f.rule)}" prefers ${names(f.nodes)}: the high-availability manager will move it away from ${target} when it can.`,
  'no-placement': (f, { target }) =>
    `What the policy wants for it cannot be had on ${target}: ${LACKS[f.lack]}. It would run there like any other guest.`,
};

const LACKS: Readonly<Record<MoveFinding<'no-placement'>['lack'], string>> = {
  cores: 'too few cores are left',
  memory: 'no node has the memory',
  placement: 'cores and memory are there, but not together',
  'core-kind': '"smt: pairs" needs cores with two threads',
  cpus: 'too few CPUs would be left for the guests there',
};

export function describeMoveFinding(finding: MoveFinding, about: MoveNames): string {
  const message = MESSAGES[finding.code] as (facts: MoveFinding, names: MoveNames) => string;
  return message(finding, about);
}

/** `CPU 1: here node 0, cache 0-7, sibling 17; there node 1, …`. */
export function describeMovedCpu({ cpu, here, there }: MovedCpu, { node, target }: MoveNames): string {
  return `CPU ${cpu}: on ${node} ${describeSite(here)}; on ${target} ${describeSite(there)}`;
}

function describeSite({ node, llc, largeCache, siblings, kind }: CpuSite): string {
  const parts = [
    node === null ? [] : [`node ${node}`],
    llc.isEmpty ? [] : [`cache of ${encodeIdList(llc)}${largeCache ? ' (the large one)' : ''}`],
    [siblings.isEmpty ? 'no sibling' : `sibling ${encodeIdList(siblings)}`],
    kind === 'uniform' ? [] : [`${kind} core`],
  ];
  return parts.flat().join(', ');
}

const STEPS: Readonly<Record<MoveStepReason, string>> = {
  'shut-down': 'it cannot move while it runs',
  'revert-pending': 'values that wait for its next start were made for this node',
  'take-away': 'made for this node, and wrong there; the guest sees none of it',
  'give-back-own': 'its own values from before it was placed here',
  move: 'the move',
  'place-there': 'place it there: config, and a CPU for each thread',
  'start-there': 'start it',
  'free-here': 'give its CPUs to the others',
  'put-back': 'only if the move did not go through',
};

export const describeMoveStep = (reason: MoveStepReason): string => STEPS[reason];
