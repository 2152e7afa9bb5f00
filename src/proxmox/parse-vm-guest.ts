// A VM's config → the guest that it describes.
import { ParseError } from '#domain/errors.ts';
import type { GuestIdentity, GuestNumaNode, VmGuest } from '#domain/guest.ts';
import { type CpuSet, type NodeSet, nodeSet, unionOf } from '#domain/id-set.ts';
import { MEMORY_FORMAT, parseDeletions, parseHotplugFeatures, splitList } from './config-value.ts';
import { parseAffinity } from './cpuset.ts';
import { encodeConfigWarning, type GuestConfigFile } from './guest-config-file.ts';
import { parseQemuHostNodes, passHostNodes } from './host-node-list.ts';
import { numaKeys, parseNumaEntry } from './numa-entry.ts';
import { garblesHostNodes, MAX_NUMA_NODES, parseNumaLine } from './numa-line.ts';
import { parsePropertyString } from './property-string.ts';
import { VM_CONFIG_SCHEMA } from './vm-config-schema.ts';
import { type ConfigSection, parseVmConfig } from './vm-config-view.ts';

const DEFAULT_MEMORY = '512';

/**
 * The VM as its main section describes it, with Proxmox's defaults.
 * Never throws: a line that Proxmox drops, or that would keep the VM from starting as written, is a warning.
 */
export function parseVmGuest(file: GuestConfigFile): {
  readonly guest: Omit<VmGuest, 'runtime'>;
  readonly warnings: readonly string[];
} {
  const { main, pending, warnings } = parseVmConfig(file.text, VM_CONFIG_SCHEMA);
  const lines = warnings.map(({ line, message }) => encodeConfigWarning(line, message));
  const warn = (key: string, message: string) => {
    lines.push(encodeConfigWarning(main.lineOf.get(key) ?? null, `${key}: ${message}`));
  };
  const value = (key: string) => main.values.get(key);
  const sockets = count(value('sockets')) ?? count(value('smp')) ?? 1;
  const cores = count(value('cores')) ?? 1;
  const vcpus = sockets * cores;
  const guest: Omit<VmGuest, 'runtime'> = {
    kind: 'vm',
    vmid: file.vmid,
    name: value('name') ?? null,
    tags: splitList(value('tags') ?? ''),
    configPath: file.configPath,
    digest: file.digest,
    text: file.text,
    identity: readIdentity(main),
    raw: main.values,
    pending: readPending(pending),
    memoryMiB: Number(parsePropertyString(value('memory') ?? DEFAULT_MEMORY, MEMORY_FORMAT).get('current')),
    lock: value('lock') ?? null,
    template: value('template') === '1',
    sockets,
    cores,
    vcpus,
    pluggedVcpus: Math.min(count(value('vcpus')) ?? vcpus, vcpus),
    affinity: readAffinity(value('affinity'), warn),
    numa: value('numa') === '1',
    numaNodes: readNumaNodes(main, warn),
    boundNodes: readBoundNodes(main),
    hugepages: value('hugepages') ?? null,
    memoryHotplug: parseHotplugFeatures(value('hotplug')).has('memory'),
    passthrough: [...main.values.keys()].some(key => key.startsWith('hostpci')),
  };
  return { guest, warnings: lines };
}

type Warn = (key: string, message: string) => void;

/** Proxmox takes 0 for "unset" wherever it counts sockets, cores or vCPUs. */
function count(value: string | undefined): number | null {
  return value === undefined || value === '0' ? null : Number(value);
}

function readIdentity({ values }: ConfigSection): GuestIdentity {
  const vmgenid = values.get('vmgenid') ?? '0';
  return {
    uuid: property(values.get('smbios1'), 'uuid'),
    vmgenid: vmgenid === '0' || vmgenid === '1' ? null : vmgenid,
    createdAt: property(values.get('meta'), 'ctime'),
  };
}

function readPending(pending: ConfigSection | null): ReadonlyMap<string, string | null> {
  const deletions = parseDeletions(pending?.values.get('delete')).map(key => [key, null] as const);
  const changes = [...deletions, ...(pending?.values ?? [])];
  return new Map(changes.filter(([key]) => key !== 'delete'));
}

/** One property of a value whose other properties do not matter here. */
function property(value: string | undefined, key: string): string | null {
  const part = value?.split(',').find(candidate => candidate.startsWith(`${key}=`));
  return part?.slice(key.length + 1) || null;
}

function readAffinity(value: string | undefined, warn: Warn): CpuSet | null {
  if (value === undefined) return null;
  const view = parseAffinity(value);
  if (view.kind === 'set') return view.cpus;
  if (view.kind === 'ignored')
    warn('affinity', `Proxmox ignores the value "${value}" and starts the VM unpinned; write 0-0`);
  else warn('affinity', `the VM cannot start with "${value}": ${view.reason}`);
  return null;
}

function readBoundNodes({ values }: ConfigSection): NodeSet {
  if (values.get('numa') !== '1') return nodeSet();
  return unionOf(numaKeys(values).map(key => boundNodesOf(key, values.get(key) ?? '')));
}

/** None of a line that keeps the VM from starting. */
function boundNodesOf(key: string, text: string): NodeSet {
  try {
    return parseQemuHostNodes(passHostNodes(parseNumaEntry(key, text).hostNodes ?? [])) ?? nodeSet();
  } catch (error) {
    if (error instanceof ParseError) return nodeSet();
    throw error;
  }
}

function readNumaNodes({ values }: ConfigSection, warn: Warn): readonly GuestNumaNode[] {
  const nodes: GuestNumaNode[] = [];
  for (let index = 0; index < MAX_NUMA_NODES; index++) {
    const text = values.get(`numa${index}`);
    if (text === undefined) continue;
    try {
      nodes.push(parseNumaLine(index, text));
      if (garblesHostNodes(text)) {
        warn(`numa${index}`, `Proxmox passes "${text}" on wrongly: host nodes must be one id or one range`);
      }
    } catch (error) {
      if (!(error instanceof ParseError)) throw error;
      warn(`numa${index}`, `the VM cannot start: ${error.message}`);
    }
  }
  return nodes;
}
