// What somebody has pinned by hand: the masks of a running guest's threads, or what a stopped one is configured to start with.
import type { NotAdopted } from '#domain/adoption.ts';
import type { ContainerGuest, Guest, GuestThread, VmGuest, VmRuntime } from '#domain/guest.ts';
import type { HostTopology } from '#domain/host-topology.ts';
import { type CpuSet, cpuSet, nodeSet, unionOf } from '#domain/id-set.ts';
import { configuredCpus, nextValue, placementKeys } from '#proxmox/placement-config.ts';

/** `single`: each vCPU has one CPU, and no two the same. `mask`: one mask for all of them. */
export interface HandPins {
  readonly kind: 'single' | 'mask';
  /** Of each vCPU, online CPUs only; empty for containers. */
  readonly vcpus: readonly CpuSet[];
  readonly emulator: CpuSet;
  /** The mask with which its config lets it start; empty when it names none. */
  readonly affinity: CpuSet;
}

export type FoundPins = HandPins | { readonly kind: 'left'; readonly why: NotAdopted };

const left = (why: NotAdopted): FoundPins => ({ kind: 'left', why });

/** Where the guest's vCPUs are kept, or a container altogether. */
export const pinnedTo = ({ vcpus, affinity }: HandPins): CpuSet => (vcpus.length === 0 ? affinity : unionOf(vcpus));

export function findHandPins(guest: Guest, topology: HostTopology): FoundPins {
  if (guest.template) return left({ kind: 'template' });
  const pins = guest.kind === 'vm' ? findVmPins(guest, topology) : findContainerPins(guest, topology);
  if (pins.kind !== 'mask') return pins;
  const cpus = pinnedTo(pins);
  if (topology.online.difference(topology.isolated).isSubsetOf(cpus)) return left({ kind: 'not-pinned' });
  if (topology.nodes.some(node => cpus.isSubsetOf(node.cpus))) return pins;
  const nodes = topology.nodes.filter(node => !node.cpus.isDisjointFrom(cpus)).map(({ id }) => id);
  return left({ kind: 'wider-than-node', cpus, nodes: nodeSet(nodes) });
}

function findContainerPins({ cpuset, runtime }: ContainerGuest, { online }: HostTopology): FoundPins {
  if (cpuset === null) return left({ kind: 'not-pinned' });
  const absent = cpuset.difference(online);
  if (!absent.isEmpty) return left({ kind: 'cpus-absent', cpus: absent });
  if (runtime !== null && !runtime.effective.equals(cpuset)) {
    return left({ kind: 'cpuset-differs', configured: cpuset, effective: runtime.effective });
  }
  return { kind: 'mask', vcpus: [], emulator: cpuset, affinity: cpuset };
}

function findVmPins(guest: VmGuest, { online }: HostTopology): FoundPins {
  const affinity = configuredAffinity(guest);
  if (guest.runtime !== null) return findThreadPins(guest, guest.runtime, online);
  if (affinity.isEmpty) return left({ kind: 'not-pinned' });
  const hookscript = nextValue(guest, 'hookscript');
  if (hookscript !== null) return left({ kind: 'stopped-with-hookscript', hookscript });
  const cpus = affinity.intersection(online);
  if (cpus.isEmpty) return left({ kind: 'cpus-absent', cpus: affinity });
  return { kind: 'mask', vcpus: Array.from({ length: guest.vcpus }, () => cpus), emulator: cpus, affinity };
}

function findThreadPins(guest: VmGuest, runtime: VmRuntime, online: CpuSet): FoundPins {
  if (runtime.unreadable !== undefined) return left({ kind: 'unreadable', reason: runtime.unreadable });
  const keys = placementKeys('vm').filter(key => key !== 'affinity' && waits(guest, key));
  const masks = masksByVcpu(runtime.threads, online);
  const others = distinct(runtime.threads.filter(({ role }) => role.kind !== 'vcpu').map(maskOn(online)));
  const distinctMasks = distinct(masks);
  const isSingle = masks.every(mask => mask.size === 1) && distinctMasks.length === masks.length;
  const isFree = distinctMasks.length === 1 && distinctMasks[0]?.equals(online) === true;
  if (isFree) return left({ kind: 'not-pinned' });
  if (masks.length < guest.vcpus) {
    return left({ kind: 'vcpus-unplugged', plugged: masks.length, vcpus: guest.vcpus });
  }
  if (!isSingle && distinctMasks.length > 1) return left({ kind: 'vcpus-differ', masks: distinctMasks });
  if (others.length > 1) return left({ kind: 'emulator-differs', masks: others });
  if (keys.length > 0) return left({ kind: 'restart-pending', keys });
  const emulator = others[0] ?? online;
  return { kind: isSingle ? 'single' : 'mask', vcpus: masks, emulator, affinity: configuredAffinity(guest) };
}

/** With one vCPU the first kind fits as well as the second: a CPU of its own is what somebody wanted. */
const masksByVcpu = (threads: readonly GuestThread[], online: CpuSet): readonly CpuSet[] =>
  threads
    .flatMap(thread => (thread.role.kind === 'vcpu' ? [{ index: thread.role.index, thread }] : []))
    .sort((a, b) => a.index - b.index)
    .map(({ thread }) => maskOn(online)(thread));

const maskOn =
  (online: CpuSet) =>
  ({ allowed }: GuestThread): CpuSet =>
    allowed.intersection(online);

function distinct(masks: readonly CpuSet[]): readonly CpuSet[] {
  return masks.filter((mask, index) => masks.findIndex(other => other.equals(mask)) === index);
}

/** A value of `numa…` that the running guest does not have yet. */
function waits(guest: Guest, key: string): boolean {
  const pending = guest.pending.get(key);
  return pending !== undefined && pending !== (guest.raw.get(key) ?? null);
}

function configuredAffinity(guest: VmGuest): CpuSet {
  return configuredCpus('vm', new Map([['affinity', nextValue(guest, 'affinity')]])) ?? cpuSet();
}
