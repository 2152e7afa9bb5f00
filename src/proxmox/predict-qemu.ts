// What QEMU says to the vCPUs and the memory that Proxmox asks it for.
import { type CpuSet, cpuSet } from '#domain/id-set.ts';
import { explainUnreadableHostNodes, parseQemuHostNodes } from './host-node-list.ts';
import { encodeRange, type NumberRange } from './numa-entry.ts';
import { countFromTo, parseQemuRange, parseQemuSize } from './qemu-number.ts';
import type { StartHost } from './start-host.ts';
import { type StartProblem, StartRefusal, startProblem } from './start-problem.ts';
import type { MemoryBackend, MemoryNode, VmMemory } from './vm-memory.ts';
import type { VmVcpus } from './vm-vcpus.ts';

/** `MAX_NODES` of QEMU, and more than any Linux for x86 has. */
const MOST_HOST_NODES = 128;
/** Of the machine type `pc`. That of `q35` grows from release to release and is not looked at. */
const MOST_PC_VCPUS = 255;
const PAGE_BYTES = 4096;

export interface QemuStart {
  readonly vcpus: VmVcpus;
  readonly memory: VmMemory;
  readonly host: StartHost;
  /** The value of `machine`; undefined for Proxmox's default. */
  readonly machine: string | undefined;
}

/**
 * The first error of a QEMU 7.2 for x86, checks in its own order, or else its warnings. What depends on the moment is left out:
 * whether memory and hugepages are there.
 */
export function predictQemu(start: QemuStart): readonly StartProblem[] {
  try {
    checkBackendTexts(backendsOf(start.memory));
    checkTopology(start);
    checkBackends(start.memory, start.host);
    const warnings = checkNodes(start);
    checkDevices(start.vcpus);
    return warnings;
  } catch (error) {
    if (error instanceof StartRefusal) return [error.problem];
    throw error;
  }
}

interface OwnedBackend {
  readonly backend: MemoryBackend;
  readonly keys: readonly string[];
}

function backendsOf({ nodes, whole, dimms }: VmMemory): readonly OwnedBackend[] {
  return [
    ...nodes.map(({ backend, key }) => ({ backend, keys: keysOf(key) })),
    ...(whole === null ? [] : [{ backend: whole, keys: ['memory'] }]),
    ...dimms.map(({ backend }) => ({ backend, keys: ['memory'] })),
  ];
}

/** A node that Proxmox made up comes from these. */
const keysOf = (key: string | null): readonly string[] => (key === null ? ['memory', 'sockets'] : [key]);

/** Done while QEMU reads its command line, hence before all else. */
function checkBackendTexts(backends: readonly OwnedBackend[]): void {
  const ids = new Set<string>();
  for (const { backend, keys } of backends) {
    const { id, size, hostNodes } = backend;
    if (ids.has(id)) throw new StartRefusal('backend-twice', keys, `Duplicate ID '${id}' for object`);
    ids.add(id);
    if (parseQemuSize(size) === null) {
      throw new StartRefusal('backend-size-unreadable', keys, "Parameter 'size' expects a size value");
    }
    if (hostNodes !== null && parseQemuHostNodes(hostNodes) === null) {
      throw new StartRefusal('host-nodes-unreadable', keys, explainUnreadableHostNodes(hostNodes));
    }
  }
}

function checkTopology({ vcpus, machine }: QemuStart): void {
  const { maximum, plugged, hotplugModel } = vcpus;
  if (plugged > maximum && hotplugModel === null) {
    throw new StartRefusal('vcpus-over-maximum', ['vcpus'], `== maxcpus (${maximum}) < smp_cpus (${plugged})`);
  }
  if (maximum > MOST_PC_VCPUS && !/q35|virt/.test(machine ?? '')) {
    const says = `Invalid SMP CPUs ${maximum}. The max CPUs supported by machine`;
    throw new StartRefusal('vcpus-over-machine', ['sockets', 'cores', 'machine'], says);
  }
}

/** With CPU hotplug each vCPU but the first is a device, made last. */
function checkDevices({ sockets, maximum, plugged, hotplugModel }: VmVcpus): void {
  if (hotplugModel === null || plugged <= maximum) return;
  const says = `Invalid CPU socket-id: ${sockets} must be in range 0:${sockets - 1}`;
  throw new StartRefusal('vcpus-over-maximum', ['vcpus'], says);
}

function checkBackends(memory: VmMemory, host: StartHost): void {
  for (const { backend, keys } of backendsOf(memory)) {
    const hostNodes = backend.hostNodes === null ? null : parseQemuHostNodes(backend.hostNodes);
    const impossible = hostNodes?.ids.find(id => id >= MOST_HOST_NODES);
    if (impossible !== undefined) {
      throw new StartRefusal('host-nodes-not-bindable', keys, `Invalid host-nodes value: ${impossible}`);
    }
    checkSize(backend, keys);
    if (hostNodes?.isDisjointFrom(host.memoryNodes)) {
      throw new StartRefusal(
        'host-nodes-not-bindable',
        keys,
        'cannot bind memory to host NUMA nodes: Invalid argument',
      );
    }
  }
}

function checkSize({ size, kind }: MemoryBackend, keys: readonly string[]): void {
  const bytes = parseQemuSize(size) ?? 0;
  if (bytes === 0) throw new StartRefusal('backend-size-zero', keys, "doesn't take value '0'");
  const padded = Math.ceil(bytes / PAGE_BYTES) * PAGE_BYTES;
  if (kind === 'shared' && bytes !== padded) {
    const [has, needs] = [bytes.toString(16), padded.toString(16)];
    const says = `backing store size 0x${has} does not match 'size' option 0x${needs}`;
    throw new StartRefusal('backend-size-unaligned', keys, says);
  }
}

/** Guest NUMA nodes: their vCPUs, their numbers, their sum. */
function checkNodes({ vcpus, memory }: QemuStart): readonly StartProblem[] {
  const { nodes } = memory;
  if (nodes.length === 0) return [];
  const nodeOfVcpu = new Map<number, number>();
  for (const node of nodes) assignVcpus(node, vcpus.maximum, nodeOfVcpu);
  checkNumbering(nodes);
  checkTotal(memory);
  const uncovered = Array.from({ length: vcpus.maximum }, (_, vcpu) => vcpu).filter(vcpu => !nodeOfVcpu.has(vcpu));
  if (uncovered.length === 0) return [];
  const keys = nodes.flatMap(({ key }) => key ?? []);
  return [startProblem('numa-vcpus-uncovered', keys, explainUncovered(cpuSet(uncovered), vcpus))];
}

/** A vCPU may be named twice by one node. */
function assignVcpus({ index, key, vcpus }: MemoryNode, maximum: number, nodeOfVcpu: Map<number, number>): void {
  const keys = keysOf(key);
  for (const vcpu of vcpus.flatMap(range => readVcpuRange(range, keys))) {
    if (vcpu >= maximum) {
      const says = `CPU index (${vcpu}) should be smaller than maxcpus (${maximum})`;
      throw new StartRefusal('numa-vcpu-over-maximum', keys, says);
    }
    const other = nodeOfVcpu.get(vcpu) ?? index;
    if (other !== index) {
      throw new StartRefusal('numa-vcpu-twice', keys, `CPU is already assigned to node-id: ${other}`);
    }
    nodeOfVcpu.set(vcpu, index);
  }
}

function readVcpuRange(range: NumberRange, keys: readonly string[]): readonly number[] {
  const ids = parseQemuRange(encodeRange(range));
  // QEMU's words for too large a number differ from those for no number at all; this is in both.
  if (ids === null) throw new StartRefusal('numa-vcpus-unreadable', keys, 'expects');
  return countFromTo(...ids);
}

function checkNumbering(nodes: readonly MemoryNode[]): void {
  const numbers = new Set(nodes.map(({ index }) => index));
  for (let index = Math.max(...numbers) - 1; index >= 0; index--) {
    if (!numbers.has(index)) {
      const keys = nodes.map(({ key }) => key ?? 'sockets');
      throw new StartRefusal('numa-node-gap', keys, `numa: Node ID missing: ${index}`);
    }
  }
}

function checkTotal({ nodes, size }: VmMemory): void {
  const total = nodes.reduce((sum, { backend }) => sum + (parseQemuSize(backend.size) ?? 0), 0);
  const wanted = parseQemuSize(size) ?? 0;
  if (total === wanted) return;
  const [totalHex, wantedHex] = [total.toString(16), wanted.toString(16)];
  const says = `total memory for NUMA nodes (0x${totalHex}) should equal RAM size (0x${wantedHex})`;
  throw new StartRefusal('numa-total-differs', [...new Set(nodes.flatMap(({ key }) => keysOf(key)))], says);
}

function explainUncovered(uncovered: CpuSet, { cores }: VmVcpus): string {
  const places = uncovered.ids.map(vcpu => {
    const place = `socket-id: ${Math.floor(vcpu / cores)}, core-id: ${vcpu % cores}, thread-id: 0`;
    return `CPU ${vcpu} [${place}]`;
  });
  return `CPU(s) not present in any NUMA nodes: ${places.join(', ')}`;
}
