// What a guest's config says about its placement: the keys that Berth writes, their values, and the operator's own ones.
import { ParseError } from '#domain/errors.ts';
import type { Guest } from '#domain/guest.ts';
import { encodeIdList, parseCpuList } from '#domain/id-list.ts';
import type { CpuSet } from '#domain/id-set.ts';
import type { GuestPlacement } from '#domain/placement.ts';
import { encodeAffinity, parseAffinity } from './cpuset.ts';
import { encodeNumaLine, MAX_NUMA_NODES } from './numa-line.ts';

/** The cpuset line of a container, which Proxmox passes on as it is; its rebalancer leaves a container with such a line alone. */
const CONTAINER_KEYS = ['lxc.cgroup2.cpuset.cpus'];
const VM_KEYS = ['affinity', 'numa', ...Array.from({ length: MAX_NUMA_NODES }, (_, index) => `numa${index}`)];

/** Set only for guests of which the policy says something about hugepages. */
export const HUGEPAGE_KEYS: readonly string[] = ['hugepages', 'keephugepages'];

/** Set only for guests whose memory the policy keeps from being merged. */
export const KSM_KEY = 'allow-ksm';

/** The keys that every placement sets. */
export function placementKeys(kind: Guest['kind']): readonly string[] {
  return kind === 'container' ? CONTAINER_KEYS : VM_KEYS;
}

/** True for all that a placement may ever set. */
export function isPlacementKey(kind: Guest['kind'], key: string): boolean {
  return placementKeys(kind).includes(key) || (kind === 'vm' && [...HUGEPAGE_KEYS, KSM_KEY].includes(key));
}

/** The key that holds the CPUs. */
const cpusKey = (kind: Guest['kind']): string => (kind === 'container' ? 'lxc.cgroup2.cpuset.cpus' : 'affinity');

/** What a guest's next start will use: a pending value wins over the main section. */
export function nextValue(guest: Guest, key: string): string | null {
  const pending = guest.pending.get(key);
  return pending === undefined ? (guest.raw.get(key) ?? null) : pending;
}

/** The CPUs that a set of config values allows; null for all of them. */
export function configuredCpus(kind: Guest['kind'], values: ReadonlyMap<string, string | null>): CpuSet | null {
  const text = values.get(cpusKey(kind)) ?? null;
  if (text === null) return null;
  if (kind === 'vm') {
    const view = parseAffinity(text);
    return view.kind === 'set' ? view.cpus : null;
  }
  try {
    return parseCpuList(text);
  } catch (error) {
    if (error instanceof ParseError) return null;
    throw error;
  }
}

/** Every key that the placement sets, with the value that it needs; null for no such line. */
export function encodePlacementConfig(placement: GuestPlacement): ReadonlyMap<string, string | null> {
  const values = placement.config === 'runtime' ? encodeTravellingConfig(placement) : encodeLocalConfig(placement);
  return placement.ksm === 'off' ? new Map([...values, [KSM_KEY, '0']]) : values;
}

function encodeLocalConfig({
  kind,
  found,
  affinity,
  memory,
  hugepages,
}: GuestPlacement): ReadonlyMap<string, string | null> {
  const values = new Map(found);
  // The operator's own text stays when it says the same, or when none was ever written.
  if (!affinity.isEmpty && !configuredCpus(kind, found)?.equals(affinity)) {
    values.set(cpusKey(kind), kind === 'vm' ? encodeAffinity(affinity) : encodeIdList(affinity));
  }
  if (memory !== null) {
    values.set('numa', '1');
    for (let index = 0; index < MAX_NUMA_NODES; index++) values.set(`numa${index}`, null);
    for (const [index, { vcpus, memoryMiB, hostNode }] of memory.parts.entries()) {
      const key = `numa${index}`;
      const line = encodeNumaLine({ vcpus, memoryMiB, hostNodes: [hostNode], policy: memory.policy });
      const own = found.get(key) ?? '';
      values.set(key, haveSameProperties(own, line) ? own : line);
    }
  }
  if (hugepages !== undefined) {
    values.set('hugepages', hugepages);
    // Else the start of any such VM gives the free pages of all pools back (`hugepages_pre_deallocate`, qemu-server Memory.pm).
    values.set('keephugepages', hugepages === null ? null : '1');
  }
  return values;
}

/**
 * The operator's own values, and nothing of this host; a guest that spans nodes keeps its vCPUs and memory in as many nodes of its
 * own, which bind it to none of the host's.
 */
function encodeTravellingConfig({ found, memory, hugepages }: GuestPlacement): ReadonlyMap<string, string | null> {
  const values = new Map(found);
  const hasOwnNodes = [...found].some(([key, value]) => /^numa\d$/.test(key) && value !== null);
  if (memory !== null && memory.parts.length > 1 && !hasOwnNodes) {
    values.set('numa', '1');
    for (const [index, { vcpus, memoryMiB }] of memory.parts.entries()) {
      values.set(`numa${index}`, encodeNumaLine({ vcpus, memoryMiB, hostNodes: [], policy: null }));
    }
  }
  if (hugepages === null) for (const key of HUGEPAGE_KEYS) values.set(key, null);
  return values;
}

/** The operator's own lines in a travelling guest's config that name CPUs or nodes of the host. */
export function ownHostKeys({ kind, found }: GuestPlacement): readonly string[] {
  const cpus = configuredCpus(kind, found) === null ? [] : [cpusKey(kind)];
  const nodes = [...found].filter(([key, value]) => /^numa\d$/.test(key) && /(^|,)hostnodes=/.test(value ?? ''));
  return [...cpus, ...nodes.map(([key]) => key)];
}

/** Whoever goes by Proxmox's documentation writes `hostnodes` before `memory`: the order means nothing. */
function haveSameProperties(one: string, other: string): boolean {
  const inOrder = (text: string) => text.split(',').sort().join();
  return inOrder(one) === inOrder(other);
}
