// Rules about VMs whose CPUs, memory and devices are on different nodes.
import type { LocalityFacts } from '#domain/doctor/locality-facts.ts';
import type { Evidence, Fix } from '#domain/doctor-finding.ts';
import { encodeIdList } from '#domain/id-list.ts';
import { type CpuSet, type NodeSet, nodeSet, unionOf } from '#domain/id-set.ts';
import { parseAffinity } from '#proxmox/cpuset.ts';
import { mappedDevices } from '#proxmox/mapped-devices.ts';
import { numaKeys } from '#proxmox/numa-entry.ts';
import { garblesHostNodes } from '#proxmox/numa-line.ts';
import { parseHostPci } from '#proxmox/pci-mappings.ts';
import { configuredMemory, countOrOne, countSockets, isSet } from '#proxmox/start-values.ts';
import { type DoctorRules, type Judgement, vmRule } from '../doctor-rule.ts';
import type { DoctorView, ExaminedVm } from '../doctor-view.ts';
import { keyEvidence } from '../evidence.ts';
import { heldCpus, isPlaced, memoryOnlyNodes, nodesOf } from '../held-cpus.ts';
import { countedLines } from '../numa-lines.ts';

export const localityRules: DoctorRules<LocalityFacts> = {
  'memory-remote': vmRule('hurts-latency', findRemoteMemory),
  'device-remote': vmRule('hurts-latency', findRemoteDevices),
  'guest-spans-nodes': vmRule('hurts-latency', findWideGuest),
  'sockets-split-guest': vmRule('worth-knowing', findSplitGuest),
};

const boundLines = (vm: ExaminedVm) => countedLines(vm).filter(({ hostNodes }) => !hostNodes.isEmpty);

function findRemoteMemory(vm: ExaminedVm, view: DoctorView): Judgement<LocalityFacts['memory-remote']> | null {
  const cpus = heldCpus(vm, view);
  if (cpus === null) return null;
  const held: Held = { cpus, cpuNodes: nodesOf(cpus, view.inventory.topology) };
  return findMemoryAskedRemote(held, vm, view) ?? findMemoryGoneRemote(held, vm, view);
}

interface Held {
  readonly cpus: CpuSet;
  readonly cpuNodes: NodeSet;
}

/** Memory beside no CPU at all (HBM, CXL) is remote to everybody, and was chosen for that. */
function findMemoryAskedRemote(
  held: Held,
  vm: ExaminedVm,
  { inventory }: DoctorView,
): Judgement<LocalityFacts['memory-remote']> | null {
  const near = held.cpuNodes.union(memoryOnlyNodes(inventory.topology));
  // What becomes of a list that Proxmox garbles is another finding.
  const remote = boundLines(vm).filter(({ hostNodes, text }) => !hostNodes.isSubsetOf(near) && !garblesHostNodes(text));
  if (remote.length === 0) return null;
  const memoryNodes = unionOf(remote.map(({ hostNodes }) => hostNodes)).difference(near);
  return {
    facts: { by: 'config', ...held, memoryNodes, remoteMiB: null },
    evidence: [
      ...pinEvidence(held, vm),
      ...keyEvidence(
        vm,
        remote.map(({ key }) => key),
      ),
    ],
    fix: null,
  };
}

/** Less is what every process has everywhere: libraries, and what was read before it was pinned. */
const FEW_MIB = 64;
const FEW = 0.1;

/** Of a guest that Berth has placed, `verify` tells where its memory is. */
function findMemoryGoneRemote(
  held: Held,
  vm: ExaminedVm,
  view: DoctorView,
): Judgement<LocalityFacts['memory-remote']> | null {
  const { runtime, passthrough } = vm.guest;
  if (runtime === null || runtime.residentMiB === null || isPlaced(vm, view)) return null;
  // A line that says where its memory is to be has had its say.
  if (boundLines(vm).length > 0) return null;
  const resident = [...runtime.residentMiB];
  const remote = resident.filter(([node]) => !held.cpuNodes.has(node));
  const sum = (parts: typeof resident) => parts.reduce((total, [, mib]) => total + mib, 0);
  const remoteMiB = sum(remote);
  if (remoteMiB < FEW_MIB || remoteMiB < FEW * sum(resident)) return null;
  const memoryNodes = nodeSet(remote.filter(([, mib]) => mib > 0).map(([node]) => node));
  return {
    facts: { by: 'resident', ...held, memoryNodes, remoteMiB },
    evidence: [...pinEvidence(held, vm), { file: `/proc/${runtime.pid}/numa_maps`, line: null, text: '' }],
    // Pages that a device writes to stay where they are.
    fix: passthrough || isSet(vm.next, 'hugepages') ? null : migratePages(runtime.pid, memoryNodes, held.cpuNodes),
  };
}

const migratePages = (pid: number, from: NodeSet, to: NodeSet): Fix => ({
  kind: 'commands',
  commands: [['migratepages', `${pid}`, encodeIdList(from), encodeIdList(to)]],
});

/** The affinity that pins it, or else the masks of its threads. */
function pinEvidence({ cpus }: Pick<Held, 'cpus'>, vm: ExaminedVm): readonly Evidence[] {
  const lines = keyEvidence(vm, ['affinity']);
  if (lines.length > 0 || vm.guest.runtime === null) return lines;
  return [{ file: `/proc/${vm.guest.runtime.pid}/task`, line: null, text: `Cpus_allowed_list: ${encodeIdList(cpus)}` }];
}

/** Near to which CPUs a device is to be; of a guest that is not pinned, near to which memory. */
function findRemoteDevices(vm: ExaminedVm, view: DoctorView): Judgement<LocalityFacts['device-remote']> | null {
  const cpus = heldCpus(vm, view);
  const bound = boundLines(vm);
  const near =
    cpus === null ? unionOf(bound.map(({ hostNodes }) => hostNodes)) : nodesOf(cpus, view.inventory.topology);
  if (near.isEmpty) return null;
  const devices = passedDevices(vm, view).filter(({ nodes }) => !nodes.isEmpty && nodes.isDisjointFrom(near));
  if (devices.length === 0) return null;
  const where =
    cpus === null
      ? keyEvidence(
          vm,
          bound.map(({ key }) => key),
        )
      : pinEvidence({ cpus }, vm);
  return {
    facts: { devices, near, by: cpus === null ? 'memory' : 'cpus' },
    evidence: [
      ...keyEvidence(
        vm,
        devices.map(({ key }) => key),
      ),
      ...where,
    ],
    fix: null,
  };
}

/** With the nodes that they may be on: those of a mapping with several devices are several. */
function passedDevices(
  { next }: ExaminedVm,
  { inventory, texts }: DoctorView,
): LocalityFacts['device-remote']['devices'] {
  return [...next].flatMap(([key, value]) => {
    const device = /^hostpci\d+$/.test(key) ? parseHostPci(value) : null;
    if (device === null) return [];
    const sets =
      device.kind === 'addresses'
        ? [device.addresses]
        : mappedDevices(texts.pciMappings?.text ?? '', device.name, inventory.node);
    const [address] = sets.flat();
    const nodes = unionOf(sets.flat().map(one => nodesOfDevice(one, inventory.pciDevices ?? [])));
    return address === undefined ? [] : [{ key, address, nodes }];
  });
}

/** An address without a function stands for all functions of its device. Empty where the firmware does not say. */
function nodesOfDevice(address: string, devices: NonNullable<DoctorView['inventory']['pciDevices']>): NodeSet {
  const found = devices.filter(device => device.address === address || device.address.startsWith(`${address}.`));
  return nodeSet(found.flatMap(({ node }) => node ?? []));
}

const vcpusOf = ({ next }: ExaminedVm): number => countSockets(next) * countOrOne(next, 'cores');
const memoryOf = ({ next }: ExaminedVm): number => Number(configuredMemory(next));

/** Nodes of which each could hold the whole guest, whoever is there now. */
function nodesThatFit(vm: ExaminedVm, { inventory }: DoctorView): NodeSet {
  const fitting = inventory.topology.nodes.filter(
    ({ cpus, memoryMiB }) => cpus.size >= vcpusOf(vm) && (memoryMiB ?? 0) >= memoryOf(vm),
  );
  return nodeSet(fitting.map(({ id }) => id));
}

/** Where Berth has placed a guest, the plan says why it is that wide. */
function findWideGuest(vm: ExaminedVm, view: DoctorView): Judgement<LocalityFacts['guest-spans-nodes']> | null {
  if (isPlaced(vm, view)) return null;
  const bound = boundLines(vm);
  const ofCpus = pinnedNodes(vm, view);
  const ofMemory = unionOf(bound.map(({ hostNodes }) => hostNodes)).difference(
    memoryOnlyNodes(view.inventory.topology),
  );
  const by = ofCpus.size > 1 ? 'affinity' : 'host-nodes';
  const nodes = by === 'affinity' ? ofCpus : ofMemory;
  const fits = nodesThatFit(vm, view);
  // Memory for pinned CPUs of one node that is also elsewhere: that is remote memory, and told as such.
  if (nodes.size < 2 || fits.isEmpty || (by === 'host-nodes' && ofCpus.size === 1)) return null;
  return {
    facts: { by, nodes, vcpus: vcpusOf(vm), memoryMiB: memoryOf(vm), fits },
    evidence: keyEvidence(vm, [...(by === 'affinity' ? ['affinity'] : []), ...bound.map(({ key }) => key)]),
    fix: null,
  };
}

/**
 * Nodes of an affinity that says where the VM is to be. One of most of the machine says where it is not to be, and leaves it to
 * the kernel like any guest without.
 */
function pinnedNodes(vm: ExaminedVm, { inventory: { topology } }: DoctorView): NodeSet {
  const affinity = parseAffinity(vm.next.get('affinity') ?? '');
  if (affinity.kind !== 'set') return nodeSet();
  const cpus = affinity.cpus.intersection(topology.online);
  const isNarrow = cpus.size <= Math.max(2 * vcpusOf(vm), topology.online.size / 2);
  return isNarrow && cpus.size < topology.online.size ? nodesOf(cpus, topology) : nodeSet();
}

/** Proxmox makes one guest node of each socket, and binds none of them to the host. */
function findSplitGuest(vm: ExaminedVm, view: DoctorView): Judgement<LocalityFacts['sockets-split-guest']> | null {
  const sockets = countSockets(vm.next);
  if (!isSet(vm.next, 'numa') || sockets < 2 || numaKeys(vm.next).length > 0) return null;
  if (nodesThatFit(vm, view).isEmpty) return null;
  return {
    facts: { sockets, cores: countOrOne(vm.next, 'cores') },
    evidence: keyEvidence(vm, ['numa', 'sockets', 'cores']),
    fix: null,
  };
}
