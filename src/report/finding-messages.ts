// The English of every finding: what is so, and what to do about it.
import type { Finding, FindingCode, HugepageObstacle, KsmObstacle } from '#domain/finding.ts';
import type { HostKind } from '#domain/host-kind.ts';
import { encodeIdList } from '#domain/id-list.ts';
import type { IdSet } from '#domain/id-set.ts';
import type { PartitionSupport } from '#domain/inventory.ts';
import { nameSome } from './interrupts-text.ts';
import { LAYER_WORDS, nameSettings } from './layer-text.ts';
import { renderMib, renderPageSize } from './memory-text.ts';
import { printable } from './printable.ts';

type Messages = { readonly [Code in FindingCode]: (facts: Finding<Code>) => string };

const list = <Id extends number>(set: IdSet<Id>): string => (set.isEmpty ? 'none' : encodeIdList(set));
const names = (vmids: readonly number[]): string => vmids.join(', ');
const guests = (vmids: readonly number[]): string => `${vmids.length === 1 ? 'guest' : 'guests'} ${names(vmids)}`;
const interrupts = (all: readonly string[]): string => `${all.length} ${all.length === 1 ? 'interrupt' : 'interrupts'}`;
const value = (text: string | null): string => (text === null ? 'unset' : `"${printable(text)}"`);

/** Why those CPUs. */
const KEPT_BECAUSE: Readonly<Record<HostKind, string>> = {
  small: 'it has too few to keep more',
  hybrid: 'its efficiency cores and the core that it boots on, so that guests get performance cores',
  'large-cache': 'cores without the large cache, so that a guest can have all of that die',
  split: 'one core in every NUMA node, and four at least',
  wide: 'two cores in every NUMA node, which has many',
  plain: 'one core in every NUMA node',
};

const NO_HUGEPAGES: Readonly<Record<HugepageObstacle, string>> = {
  container: 'only VMs can have them',
  'memory-hotplug': 'its memory hotplug does not go with named nodes; remove "memory" from its hotplug list',
  'not-multiple': 'its memory is not made of whole pages of that size; change its memory, or ask for 2M',
  runtime:
    'its config must name the nodes for that, and they would go with it to other nodes; see "config" in the policy',
  unsupported: 'the kernel of this host has no such pages',
};

const MAY_MERGE: Readonly<Record<KsmObstacle, string>> = {
  container: 'only VMs can be left out',
  shared: 'only the configs of dedicated and confined guests are written',
  older: 'qemu-server of this node is older than 9.0.27, which brought the key "allow-ksm", and does not know it',
  'not-told':
    '/var/lib/dpkg/status does not tell which qemu-server this node has, and only 9.0.27 and later know the key "allow-ksm"',
};

const FIND_PARTITION =
  '`grep -r . /sys/fs/cgroup --include=cpuset.cpus.partition` lists partitions: write "member" into the one that took them.';

/** What a cpuset does not allow, no mask can give back. */
function wayBack({ takenBy }: Finding<'vcpu-mask' | 'thread-mask'>): string {
  if (takenBy === null) return '`berth apply` puts it back.';
  if (takenBy === '') return `A cpuset partition has taken its CPUs, so \`berth apply\` cannot. ${FIND_PARTITION}`;
  const unit = printable(takenBy.split('/').at(-1) ?? takenBy);
  return `The cpuset of ${printable(takenBy)} does not allow that, so \`berth apply\` cannot: \`systemctl show -p AllowedCPUs ${unit}\` says whether systemd was told so; set it to all CPUs of the host first.`;
}

const NO_PARTITION: Readonly<Record<Exclude<PartitionSupport, 'trusted'>, string>> = {
  'no-cgroup2': 'it needs cgroup version 2, which is not mounted here',
  'no-remote-partitions': 'this kernel has no partitions below others (6.7 and later have)',
  'old-kernel': 'partitions that come and go have been blamed for hangs before kernel 6.12',
};

const MESSAGES: Messages = {
  'plan-guest-unknown': f => `The plan places guest ${f.vmid}, which is not on this node.`,
  'plan-identity-changed': f => `Guest ${f.vmid} is another guest than the one that was planned: the VMID was reused.`,
  'plan-vcpus-mismatch': f => `Guest ${f.vmid} has ${f.configured} vCPUs, the plan places ${f.planned}.`,
  'plan-vcpu-not-single': f =>
    `Guest ${f.vmid} is dedicated, but vCPU ${f.vcpu} may run on CPUs ${list(f.cpus)} instead of one.`,
  'plan-cpu-offline': f => `Guest ${f.vmid} is given CPUs ${list(f.cpus)}, which are not online.`,
  'plan-cpu-twice': f => `CPU ${f.cpu} is given away ${f.vmids.length} times, to guests ${names(f.vmids)}.`,
  'plan-core-shared': f => `Guest ${f.vmid} shares the core of CPUs ${list(f.cpus)} with guests ${names(f.others)}.`,
  'plan-housekeeping-dedicated': f => `Guest ${f.vmid} is given CPUs ${list(f.cpus)}, which are kept for the host.`,
  'plan-housekeeping-missing': f => `CPU ${f.cpu} is not kept for the host.`,
  'plan-housekeeping-too-few': f =>
    `Node ${f.node} keeps ${f.kept} whole cores for the host, the policy wants ${f.wanted}.`,
  'plan-smt-broken': f => `The siblings of guest ${f.vmid} are not as "smt: ${f.smt}" wants them, at vCPU ${f.vcpu}.`,
  'plan-kinds-mixed': f => `Guest ${f.vmid} would run on performance and efficiency cores at once.`,
  'plan-nodes-mismatch': f =>
    `Guest ${f.vmid} is said to be on nodes ${list(f.nodes)}; its CPUs are on ${list(f.used)}.`,
  'plan-emulator-on-dedicated': f =>
    `Emulator threads of guest ${f.vmid} would run on its vCPUs' CPUs ${list(f.cpus)}.`,
  'plan-not-kept-off': f => `Guest ${f.vmid} could run on CPUs ${list(f.cpus)}, which belong to another guest.`,
  'plan-too-few-cpus': f => `Guest ${f.vmid} needs ${f.wanted} CPUs and would have ${f.usable}.`,
  'plan-affinity-mismatch': f =>
    `Guest ${f.vmid} starts on CPUs ${list(f.affinity)}, but its threads need ${list(f.needed)}.`,
  'plan-memory-sum': f =>
    `Guest ${f.vmid} has ${renderMib(f.configuredMiB)}; the plan places ${renderMib(f.plannedMiB)}. Proxmox would refuse to start it.`,
  'plan-memory-vcpus': f => `The NUMA nodes of guest ${f.vmid} do not hold each of its vCPUs exactly once.`,
  'plan-memory-node': f =>
    `Guest ${f.vmid} gets memory on node ${f.node}, though another node with memory is nearer to its CPUs.`,
  'plan-hugepages-node': f =>
    `Guest ${f.vmid} has hugepages, and Proxmox starts no such guest on node ${f.node}: it takes nodes 0 to 9 only.`,
  'plan-node-memory-full': f =>
    `Node ${f.node} would have to hold ${renderMib(f.neededMiB)}, and can hold ${renderMib(Math.round(f.thereMiB))}.`,
  'plan-breaks-start': f =>
    `Guest ${f.vmid} would not start with the planned ${f.keys.join(', ')} (${f.problem}). Report this with the output of \`berth capture\`.`,
  'plan-change-wrong': f => `A step for guest ${f.vmid} is wrong: ${printable(f.what)}.`,
  'plan-aims-mismatch': f =>
    `The plan claims ${f.claimed ?? 'nothing'} for its aim "${printable(f.aim)}"; its layout costs ${f.measured}.`,
  'plan-policy-ignored': f => `The policy wants guest ${f.vmid} ${f.wanted}; the plan makes it ${f.class}.`,

  'vcpu-mask': f =>
    `VM ${f.vmid}: vCPU ${f.vcpu} (thread ${f.tid}) may run on CPUs ${list(f.allowed)}, it belongs on ${list(f.wanted)}. ${wayBack(f)}`,
  'thread-mask': f =>
    `VM ${f.vmid}: ${printable(f.thread)} (thread ${f.tid}) may run on CPUs ${list(f.allowed)}, it belongs on ${list(f.wanted)}. ${wayBack(f)}`,
  'vcpu-elsewhere': f =>
    `VM ${f.vmid}: vCPU ${names(f.vcpus)} last ran on another CPU and has slept since it was pinned; it wakes on its own.`,
  'vcpu-missing': f => `VM ${f.vmid} has no thread for vCPU ${f.vcpu}, which its config plugs in.`,
  'guest-intrudes': f =>
    `Guest ${f.vmid}: ${printable(f.thread)} may run on CPUs ${list(f.cpus)}, which belong to guest ${f.owner}. \`berth apply\` keeps it off.`,
  'container-cpuset': f =>
    `Container ${f.vmid} may run on CPUs ${list(f.cpuset)}, it belongs on ${list(f.wanted)}. ${f.isTaken ? `Its own cgroup says so already: a partition or the cgroup lxc keeps the others from it. ${FIND_PARTITION}` : '`berth apply` puts it back.'}`,
  'memory-elsewhere': f =>
    `VM ${f.vmid}: ${renderMib(f.elsewhereMiB)} of ${renderMib(f.residentMiB)} are not on node ${list(f.nodes)}. Memory moves when the VM is next started.`,
  'memory-unread': f => `VM ${f.vmid}: where its memory is could not be read.`,
  'config-drift': f =>
    `Guest ${f.vmid}: ${f.key} is ${value(f.found)} in its config, the placement needs ${value(f.wanted)}. \`berth apply\` puts it back.`,
  'restart-pending': f =>
    `Guest ${f.vmid}: ${f.keys.join(', ')} take effect when it is next stopped and started (a reboot inside the guest is not enough).`,
  'guest-gone': f => `Guest ${f.vmid} is placed, but is no longer on this node. \`berth apply\` frees its CPUs.`,
  'guest-identity': f =>
    `Guest ${f.vmid} is another guest than the one that was placed; the placement does not hold for it.`,
  'guest-unread': f => `VM ${f.vmid} runs, but its threads are not known: ${printable(f.reason)}`,
  'cpu-went-offline': f => `Guest ${f.vmid}: CPUs ${list(f.cpus)} of its placement are no longer online.`,
  'start-fails': f =>
    `VM ${f.vmid} will not start: ${f.keys.join(', ')} in its config (${f.problem}). \`berth doctor ${f.vmid}\` says what to do.`,
  'start-memory-short': f =>
    `VM ${f.vmid} is to have ${renderMib(f.neededMiB)} on node ${f.node}, where ${renderMib(f.thereMiB)} can be had now: the rest of its memory will lie elsewhere.`,
  'plan-unit-wrong': f => `A step for ${printable(f.unit)} is wrong: ${printable(f.what)}.`,
  'boot-not-isolated': f =>
    `The placement counts on kernel parameters, and CPUs ${list(f.cpus)} are not isolated by the kernel that runs. ` +
    '`berth isolate` writes them and says what is missing; until a reboot CPUs are kept free of guests only.',
  'unit-intrudes': f =>
    `Unit ${printable(f.unit)} may run on CPUs ${list(f.cpus)}, which are dedicated, although the placement confines it. \`berth apply\` or the agent puts it back.`,
  'advice-no-confine': f =>
    `The policy asks for "isolation: confine", which is left out: ${f.reason === 'no-cgroup2' ? 'it needs cgroup version 2, which is not mounted here' : 'before kernel 6.2 the masks of all guests would be lost with it'}. CPUs are kept free of guests only.`,
  'advice-unit-conflict': f =>
    `Unit ${printable(f.unit)} asks for CPUs ${list(f.cpus)}, all of them dedicated, by ${f.key} in ${printable(f.path)}: ${f.key === 'CPUAffinity' ? 'it will not start while they are isolated' : 'the kernel will let it run on all other CPUs instead'}. Give it others.`,
  'plan-interrupts-wrong': f => `A step for interrupts of the host is wrong: ${printable(f.what)}.`,
  'interrupts-on-dedicated': f =>
    f.fixed
      ? `${interrupts(f.names)} may come on CPUs ${list(f.cpus)} and cannot be moved (${nameSome(f.names)}): the kernel has a queue of the device for each CPU, which is only used by what runs there.`
      : `${interrupts(f.names)} may come on CPUs ${list(f.cpus)}, which belong to guests (${nameSome(f.names)}). \`berth apply\` moves them off; irqbalance, where it runs, moves them back.`,
  'guest-interrupts': f =>
    `VM ${f.vmid}: ${interrupts(f.names)} of its passthrough devices (${nameSome(f.names)}) may come on CPUs ${list(f.cpus)}, they belong on ${list(f.wanted)}. \`berth apply\` or the agent moves them.`,
  'plan-layer-wrong': f => `A step for the host layer ${f.layer} is wrong: ${printable(f.what)}.`,
  'layer-deviates': f =>
    `Host layer ${f.layer}: ${nameSettings(f.settings)} should be ${value(f.wanted)} and is ${value(f.found)}. \`berth apply\` or the agent puts it back.`,
  'kernel-threads-stay': f =>
    `Kernel threads that nobody can move may still run on CPUs ${list(f.cpus)}: ${nameSome(f.names)}. They serve those very CPUs.`,
  'advice-layer-absent': f =>
    `The policy asks for the host layer ${f.layer}, of which there is nothing here: ${LAYER_WORDS[f.layer].without}. It is left out.`,
  'advice-zfs-threads': f =>
    `There ${f.pools === 1 ? 'is a ZFS pool' : `are ${f.pools} ZFS pools`}: threads that ZFS starts for load may run anywhere until the agent has moved them. Only when the module is loaded can it be told to start all of them at once: \`options spl spl_taskq_thread_dynamic=0 spl_taskq_thread_bind=0\` in /etc/modprobe.d, then update-initramfs and a reboot; see docs/quiet-host.md.`,
  'partition-missing': f =>
    f.found === null
      ? `VM ${f.vmid}: its vCPUs have no partition of CPUs ${list(f.cpus)} to themselves: other tasks of the host may run there. \`berth apply\` makes it again.`
      : `VM ${f.vmid}: its partition holds CPUs ${list(f.found)}, it should hold ${list(f.cpus)}. \`berth apply\` makes it again.`,
  'others-may-run': f =>
    `${f.tasks} other tasks of the host may run on CPUs ${list(f.cpus)} (${f.examples.map(printable).join(', ')} …): only guests are kept off.`,

  'advice-housekeeping': f => {
    const more = f.more === 0 ? '' : ` ${f.more} of these cores are for its storage and containers.`;
    const before = f.before === null ? '' : ` Until now it kept CPUs ${list(f.before)}.`;
    return `The host keeps CPUs ${list(f.cpus)}: ${KEPT_BECAUSE[f.kind]}.${more}${before} \`host: { housekeeping: … }\` in the policy says otherwise.`;
  },
  'advice-reservation': f => {
    const parts = [
      `${f.usual} as is usual for such a host`,
      ...(f.storage === 0 ? [] : [`${f.storage} for its storage and containers`]),
      ...(f.network === null ? ['none counted for its network, of which nothing is known here'] : []),
      ...((f.network ?? 0) > 0 ? [`${f.network} for its network`] : []),
    ];
    const other = f.together.equals(f.eachNode)
      ? ''
      : ` Where all dedicated guests will be on other nodes, as many together do as well: \`housekeeping: { cpus: "${list(f.together)}" }\`.`;
    return `Once guests are dedicated the host needs cores of its own, ${parts.join(', ')}: CPUs ${list(f.eachNode)}, with all threads of each core and near every guest. A plan keeps them${(f.network ?? 0) === 0 ? '' : ` when the policy says so: \`host: { housekeeping: { cpus: "${list(f.eachNode)}" } }\``}.${other}`;
  },
  'advice-no-partition': f =>
    `The policy asks for "isolation: partition", which is left out: ${NO_PARTITION[f.reason]}. CPUs are kept free of guests only.`,
  'advice-small-host': f =>
    `Do not pin here: with ${f.cores} cores the scheduler needs them all. Make ${guests(f.vmids)} shared, and give it more weight instead: \`qm set ${f.vmids[0]} --cpuunits 1000\` (100 is usual).`,
  'advice-overcommitted': f =>
    `Running guests without CPUs of their own have ${f.vcpus} vCPUs and are left with CPUs ${list(f.left)}: what ${guests(f.vmids)} would gain they lose. \`berth diagnose\` tells who waits now; weights (\`cpuunits\`) take less from others.`,
  'advice-cpulimit': f =>
    `By their \`cpulimit\` ${guests(f.vmids)} may not use all the time of their CPUs, and nobody else may use the rest of it: remove the limit, or do not dedicate. \`berth diagnose\` tells what the limit takes.`,
  'advice-balanced': f =>
    `HA's balancer may move ${guests(f.vmids)} to another node at any time, and \`affinity\` and \`numa0\`… go along, where they mean other CPUs. Take it out (\`auto-rebalance 0\` in its HA resource), or do not pin it.`,
  'advice-memory-hotplug': f =>
    `VM ${f.vmid} has memory hotplug, with which Proxmox refuses numa0…: its memory is not bound. Remove "memory" from its hotplug list to have that.`,
  'advice-hugepages': f => `Guest ${f.vmid} gets no hugepages of ${printable(f.wanted)}: ${NO_HUGEPAGES[f.obstacle]}.`,
  'advice-ksm': f => `The memory of guest ${f.vmid} may still be merged by KSM: ${MAY_MERGE[f.obstacle]}.`,
  'advice-hugepage-pool': f =>
    `Node ${f.node} needs ${f.needed} hugepages of ${renderPageSize(f.sizeKiB)} for ${guests(f.vmids)}, and its pool has ${f.total}. Proxmox allocates what is missing when a guest starts, which fails once memory is in pieces. To have them now: write ${f.needed} to /sys/devices/system/node/node${f.node}/hugepages/hugepages-${f.sizeKiB}kB/nr_hugepages. From boot on: hugepagesz=${renderPageSize(f.sizeKiB)} hugepages=${f.node}:${f.needed} on the kernel command line.`,
  'advice-bind': f =>
    `VM ${f.vmid} asks for "memory: bind": when its node is full the kernel kills it, even if another node has room.`,
  'advice-own-keys-travel': f =>
    `VM ${f.vmid} is placed at run time only, since it may come up on another node; ${f.keys.join(', ')} in its config, which Berth did not write, mean other CPUs and nodes there. Remove them: \`qm set ${f.vmid} --delete ${f.keys.join(',')}\`.`,
  'advice-not-bound': f =>
    `VM ${f.vmid} asks for "memory: bind", which its config would have to say; it is placed at run time only, so its memory is taken where its threads run, and can be elsewhere when that node is full.`,
  'advice-start-elsewhere': f =>
    `Node ${printable(f.node)} has not the CPUs or NUMA nodes that the configs of ${guests(f.vmids)} name: there they would not start. If they are ever to run there: \`berth policy set ${f.vmids[0]} config=runtime\`.`,
  'advice-containers-balance': f =>
    `Containers ${names(f.vmids)} get a fixed cpuset, so Proxmox no longer moves them between CPUs by itself.`,
};

export function describeFinding(finding: Finding): string {
  const describe = MESSAGES[finding.code] as (facts: Finding) => string;
  return describe(finding);
}
