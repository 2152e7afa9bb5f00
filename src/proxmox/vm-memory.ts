// The memory of a VM as Proxmox lays it out for QEMU: guest NUMA nodes, their backends, DIMMs.
import { joinHostNodes } from './host-node-list.ts';
import { chooseHugepageSize, hugepagePath } from './hugepage-size.ts';
import { type Dimm, dimmsFor, largestMemoryMiB, staticMemoryMiB } from './memory-hotplug.ts';
import { type NumaEntry, type NumberRange, numaKeys, parseNumaEntry } from './numa-entry.ts';
import type { StartHost } from './start-host.ts';
import { StartRefusal } from './start-problem.ts';
import {
  type ConfigValues,
  configuredMemory,
  countOrOne,
  countSockets,
  encodePerlNumber,
  hasMemoryHotplug,
  isSet,
  isTrue,
} from './start-values.ts';

export interface MemoryBackend {
  readonly id: string;
  /** MiB, as it is passed: `512`, `2730.66666666667`. */
  readonly size: string;
  readonly kind: 'ram' | 'shared' | 'hugepages';
  /** Where the pages come from; null unless the kind is `hugepages`. */
  readonly path: string | null;
  /** As it is passed, which may not be what the config says; null for any host node. */
  readonly hostNodes: string | null;
  readonly policy: string | null;
}

export interface MemoryNode {
  readonly index: number;
  /** The `numaN` key it comes from; null for a node that Proxmox made up, one per socket. */
  readonly key: string | null;
  readonly vcpus: readonly NumberRange[];
  readonly backend: MemoryBackend;
}

export interface VmMemory {
  /** MiB at start, as it is passed. */
  readonly size: string;
  /** Null without memory hotplug. */
  readonly largestMiB: number | null;
  readonly nodes: readonly MemoryNode[];
  /** All of the memory in one backend; only for virtiofs without NUMA. */
  readonly whole: MemoryBackend | null;
  readonly dimms: readonly { readonly dimm: Dimm; readonly backend: MemoryBackend }[];
}

/**
 * What `PVE::QemuServer::Memory::config` of qemu-server 9.2 makes of a config, its checks in the same order.
 * @throws StartRefusal in Proxmox's words.
 */
export function makeVmMemory(values: ConfigValues, host: StartHost): VmMemory {
  const memory = configuredMemory(values);
  const hotplug = hasMemoryHotplug(values);
  const virtiofs = [...values.keys()].some(key => key.startsWith('virtiofs'));
  const largestMiB = hotplug ? checkHotplug(values, memory, host) : null;
  const size = hotplug ? `${staticMemoryMiB(values)}` : memory;
  const numa = isSet(values, 'numa');
  if (isSet(values, 'hugepages') && !numa) {
    throw new StartRefusal('hugepages-without-numa', ['numa'], 'numa needs to be enabled to use hugepages');
  }
  if (hotplug && virtiofs) {
    const says = 'Memory hotplug does not work in combination with virtio-fs.';
    throw new StartRefusal('memory-hotplug-with-virtiofs', ['hotplug'], says);
  }
  const frame = { values, host, virtiofs, size };
  return {
    size,
    largestMiB,
    nodes: numa ? makeNodes(frame) : [],
    whole: !numa && virtiofs ? makeSharedMemory(values) : null,
    dimms: hotplug ? makeDimms(frame, memory) : [],
  };
}

interface Frame {
  readonly values: ConfigValues;
  readonly host: StartHost;
  readonly virtiofs: boolean;
  /** MiB at start. */
  readonly size: string;
}

function checkHotplug(values: ConfigValues, memory: string, host: StartHost): number {
  if (!isSet(values, 'numa')) {
    const says = 'NUMA needs to be enabled for memory hotplug';
    throw new StartRefusal('memory-hotplug-without-numa', ['hotplug', 'numa'], says);
  }
  const largestMiB = largestMemoryMiB(values.get('cpu'), host);
  if (Number(memory) > largestMiB) {
    throw new StartRefusal('memory-hotplug-too-large', ['memory'], `Total memory is bigger than ${largestMiB}MB`);
  }
  const keys = numaKeys(values);
  if (keys.length > 0) {
    const says = 'cannot enable memory hotplugging with custom NUMA topology';
    throw new StartRefusal('memory-hotplug-with-numa-lines', keys, says);
  }
  const staticMiB = staticMemoryMiB(values);
  if (Number(memory) < staticMiB) {
    throw new StartRefusal('memory-hotplug-too-small', ['memory'], `minimum memory must be ${staticMiB}MB`);
  }
  return largestMiB;
}

/** Nodes of `numaN` lines; one node per socket where there are none, or where they add up to nothing. */
function makeNodes(frame: Frame): readonly MemoryNode[] {
  const { values, size } = frame;
  let totalMiB = 0;
  const nodes: MemoryNode[] = [];
  for (const key of numaKeys(values)) {
    const entry = parseNumaEntry(key, values.get(key) ?? '');
    if (entry.memory === null) {
      throw new StartRefusal('numa-memory-missing', [key], `missing NUMA node${entry.index} memory value`);
    }
    totalMiB += Number(entry.memory);
    nodes.push(makeConfiguredNode(frame, entry, entry.memory));
  }
  if (totalMiB === 0) return [...nodes, ...makeSocketNodes(frame)];
  if (totalMiB !== Number(size)) {
    const says = 'total memory for NUMA nodes must be equal to vm static memory';
    throw new StartRefusal('numa-memory-sum', numaKeys(values), says);
  }
  return nodes;
}

function makeConfiguredNode(frame: Frame, entry: NumaEntry, memory: string): MemoryNode {
  const { index, key, vcpus, hostNodes, policy } = entry;
  const backend = makeBackend(frame, nodeBackendId(frame, index), memory);
  if (hostNodes === null) {
    if (isSet(frame.values, 'hugepages')) {
      const says = 'numa hostnodes need to be defined to use hugepages';
      throw new StartRefusal('hugepages-without-host-nodes', [key], says);
    }
    return { index, key, vcpus, backend };
  }
  const passed = joinHostNodes(key, hostNodes, frame.host);
  if (!isTrue(policy)) {
    const says = `you need to define a policy for hostnode ${passed}`;
    throw new StartRefusal('numa-policy-missing', [key], says);
  }
  return { index, key, vcpus, backend: { ...backend, hostNodes: passed, policy } };
}

function makeSocketNodes(frame: Frame): readonly MemoryNode[] {
  const { values, host, size } = frame;
  const sockets = countSockets(values);
  const cores = countOrOne(values, 'cores');
  const memory = encodePerlNumber(Number(size) / sockets);
  const ids = new Set<number>(host.nodes.ids);
  return Array.from({ length: sockets }, (_, index) => {
    if (isSet(values, 'hugepages') && !ids.has(index)) {
      throw new StartRefusal('host-node-missing', ['hugepages'], `host NUMA node${index} doesn't exist`);
    }
    const first = cores * index;
    const vcpus = [{ first: `${first}`, last: cores > 1 ? `${first + cores - 1}` : null }];
    return { index, key: null, vcpus, backend: makeBackend(frame, nodeBackendId(frame, index), memory) };
  });
}

function makeDimms(frame: Frame, memory: string): VmMemory['dimms'] {
  return dimmsFor(frame.values, Number(memory)).map(dimm => {
    const backend = makeBackend(frame, `mem-${dimm.name}`, `${dimm.sizeMiB}`);
    if (dimm.totalMiB > Number(memory)) {
      const says = `memory size (${memory}) must be aligned to ${dimm.sizeMiB} for hotplugging`;
      throw new StartRefusal('memory-hotplug-unaligned', ['memory'], says);
    }
    return { dimm, backend };
  });
}

const nodeBackendId = ({ virtiofs }: Frame, index: number): string =>
  virtiofs ? `virtiofs-mem${index}` : `ram-node${index}`;

function makeBackend({ values, host, virtiofs }: Frame, id: string, size: string): MemoryBackend {
  const anywhere = { id, size, hostNodes: null, policy: null };
  const hugepages = values.get('hugepages');
  if (isTrue(hugepages)) {
    return { ...anywhere, kind: 'hugepages', path: hugepagePath(chooseHugepageSize(size, hugepages, host)) };
  }
  return { ...anywhere, kind: virtiofs ? 'shared' : 'ram', path: null };
}

/** Proxmox passes the raw value of `memory`: unset or `current=…`, it is no size to QEMU. */
function makeSharedMemory(values: ConfigValues): MemoryBackend {
  const size = values.get('memory') ?? '';
  return { id: 'virtiofs-mem', size, kind: 'shared', path: null, hostNodes: null, policy: null };
}
