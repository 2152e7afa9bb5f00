// Gives the vCPU threads of one VM a cpuset partition of their own, in which nothing else of the host runs, and takes it away again.
import { encodeIdList, parseCpuList } from '#domain/id-list.ts';
import { type CpuSet, unionOf } from '#domain/id-set.ts';
import { type VmId, vmId } from '#domain/ids.ts';
import type { TextTree } from '#domain/text-tree.ts';
import type { Host } from './host.ts';
import { HostError } from './host-error.ts';

const ROOT = '/sys/fs/cgroup';
const SLICE = `${ROOT}/qemu.slice`;

/** Where Proxmox puts a VM's processes. */
const scopePath = (vmid: VmId): string => `${SLICE}/${vmid}.scope`;
/** Threaded, below the scope, for vCPU threads alone: QEMU's main thread stays in the scope, where Proxmox looks for it. */
const vcpuCgroupPath = (vmid: VmId): string => `${scopePath(vmid)}/vcpu`;

export interface PartitionState {
  readonly cpus: CpuSet;
  /** What the kernel says of it: `isolated`, `member`, or `isolated invalid (…)` with the reason. */
  readonly word: string;
  /** Threads in it. */
  readonly tids: readonly number[];
}

export interface VmPartition {
  readonly vmid: VmId;
  readonly cpus: CpuSet;
  /** Threads of its vCPUs, by QMP. */
  readonly tids: readonly number[];
}

/** Null when the VM has none. */
export function readPartition(host: TextTree, vmid: VmId): PartitionState | null {
  const cgroup = vcpuCgroupPath(vmid);
  const word = host.read(`${cgroup}/cpuset.cpus.partition`)?.trim();
  if (word === undefined) return null;
  const cpus = parseCpuList(host.read(`${cgroup}/cpuset.cpus`) ?? '');
  return { cpus, word, tids: readTids(host, cgroup) };
}

/** True when the kernel keeps everything else off these CPUs, and exactly these threads are there. */
export function isInForce(state: PartitionState | null, { cpus, tids }: Omit<VmPartition, 'vmid'>): boolean {
  if (state === null || !isGranted(state, cpus)) return false;
  return state.tids.length === tids.length && tids.every(tid => state.tids.includes(tid));
}

/** The cgroups above the VM that do not hand the cpuset controller down yet; it is switched on there, and off again by `leavePartition`. */
export function cgroupsWithoutCpuset(host: TextTree): readonly string[] {
  return [ROOT, SLICE].filter(cgroup => !handsDownCpuset(host, cgroup));
}

/** Workers are born into it at any time; so often are they brought out before it is taken as it is. */
const EVICTIONS = 5;

/**
 * Idempotent: goes on from wherever an earlier attempt ended. The threads keep their own masks, which must lie in `cpus`.
 * @throws HostError when the kernel does not grant it, with its reason; one that was in force before stays, else there is none, as before.
 */
export function enterPartition(host: Host, partition: VmPartition): void {
  const { vmid, cpus } = partition;
  const wasInForce = isGranted(readPartition(host, vmid), cpus);
  const enabled = cgroupsWithoutCpuset(host);
  try {
    if (!wasInForce) makePartition(host, vmid, cpus);
    for (let left = EVICTIONS; left > 0 && !isInForce(readPartition(host, vmid), partition); left--) {
      moveThreads(host, partition);
    }
    if (isGranted(readPartition(host, vmid), cpus)) return;
    throw new HostError(
      'failed',
      `The partition of VM ${vmid} did not stay as it was made: somebody changes its cgroups`,
    );
  } catch (error) {
    if (!wasInForce) leaveAfterFailure(host, vmid, enabled);
    throw error;
  }
}

/** What went wrong first is what counts. */
function leaveAfterFailure(host: Host, vmid: VmId, enabled: readonly string[]): void {
  try {
    leavePartition(host, vmid, enabled);
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
  }
}

const isGranted = (state: PartitionState | null, cpus: CpuSet): boolean =>
  state?.word === 'isolated' && state.cpus.equals(cpus);

function makePartition(host: Host, vmid: VmId, cpus: CpuSet): void {
  const scope = scopePath(vmid);
  const cgroup = vcpuCgroupPath(vmid);
  if (host.read(`${scope}/cgroup.type`) === null) {
    throw new HostError('missing', `VM ${vmid} has no ${scope}: it was not started by Proxmox, and gets no partition`);
  }
  for (const above of [ROOT, SLICE]) handDownCpuset(host, above);
  if (host.read(`${cgroup}/cgroup.type`) === null) host.makeCgroup(cgroup);
  if (host.read(`${cgroup}/cgroup.type`)?.trim() !== 'threaded')
    host.writeKernelFile(`${cgroup}/cgroup.type`, 'threaded');
  handDownCpuset(host, scope);
  // At once: systemd switches the controller off in the scope whenever it looks at it, unless a cgroup below depends on it.
  handDownCpuset(host, cgroup);
  const list = encodeIdList(cpus);
  const slice = readExclusive(host, SLICE).union(cpus);
  for (const [where, exclusive] of [
    [SLICE, encodeIdList(slice)],
    [scope, list],
    [cgroup, list],
  ] as const) {
    host.writeKernelFile(`${where}/cpuset.cpus.exclusive`, exclusive);
  }
  host.writeKernelFile(`${cgroup}/cpuset.cpus`, list);
  host.writeKernelFile(`${cgroup}/cpuset.cpus.partition`, 'isolated');
  const word = readPartition(host, vmid)?.word;
  if (word !== 'isolated') {
    throw new HostError(
      'refused',
      `The kernel grants VM ${vmid} no partition of CPUs ${list}: it says "${word ?? ''}"`,
    );
  }
}

/** In with the vCPUs; out with workers that a vCPU thread has started: they are born beside it. */
function moveThreads(host: Host, { vmid, tids }: VmPartition): void {
  const cgroup = vcpuCgroupPath(vmid);
  const present = new Set(readTids(host, cgroup));
  for (const tid of tids) if (!present.has(tid)) moveTo(host, cgroup, tid);
  for (const tid of present) if (!tids.includes(tid)) moveTo(host, scopePath(vmid), tid);
}

/**
 * Gives the CPUs back; does nothing when there is no partition.
 * @param enabled cgroups in which the cpuset controller was switched on for it, as `cgroupsWithoutCpuset` had said
 */
export function leavePartition(host: Host, vmid: VmId, enabled: readonly string[]): void {
  const scope = scopePath(vmid);
  const cgroup = vcpuCgroupPath(vmid);
  if (host.read(`${cgroup}/cgroup.type`) !== null) {
    if (host.read(`${cgroup}/cpuset.cpus.partition`) !== null) {
      host.writeKernelFile(`${cgroup}/cpuset.cpus.partition`, 'member');
    }
    removeWithoutThreads(host, vmid, cgroup);
  }
  // Also when an earlier attempt came no further than this.
  if ((host.read(`${scope}/cpuset.cpus.exclusive`)?.trim() ?? '') !== '') clearExclusive(host, scope);
  if (handsDownCpuset(host, scope)) host.writeKernelFile(`${scope}/cgroup.subtree_control`, '-cpuset');
  releaseExclusive(host);
  stopHandingDown(host, enabled);
}

/** A worker may be born between the last look and the removal. */
function removeWithoutThreads(host: Host, vmid: VmId, cgroup: string): void {
  for (let left = EVICTIONS; ; left--) {
    for (const tid of readTids(host, cgroup)) moveTo(host, scopePath(vmid), tid);
    try {
      host.removeCgroup(cgroup);
      return;
    } catch (error) {
      if (left === 0 || !(error instanceof HostError && error.reason === 'busy')) throw error;
    }
  }
}

/** The slice holds the CPUs of all its partitions, and keeps those of guests that have stopped until somebody takes them out. */
export function releaseExclusive(host: Host): void {
  if (!hasStaleExclusive(host)) return;
  const used = usedExclusive(host);
  if (used.isEmpty) clearExclusive(host, SLICE);
  else host.writeKernelFile(`${SLICE}/cpuset.cpus.exclusive`, encodeIdList(used));
}

/** False where the slice is a partition itself: that is somebody else's. */
export function hasStaleExclusive(host: TextTree): boolean {
  if (host.read(`${SLICE}/cpuset.cpus.partition`)?.trim() !== 'member') return false;
  const held = readExclusive(host, SLICE);
  return !held.isEmpty && !usedExclusive(host).equals(held);
}

const usedExclusive = (host: TextTree): CpuSet =>
  unionOf(host.list(SLICE).map(name => readExclusive(host, `${SLICE}/${name}`)));

/** VMs with a cgroup for vCPU threads, running or not, or with what is left of one whose removal was interrupted. */
export function listPartitions(host: TextTree): readonly VmId[] {
  return listScopes(host)
    .filter(name => {
      const scope = `${SLICE}/${name}`;
      const isThere = host.read(`${scope}/vcpu/cgroup.type`) !== null;
      return isThere || !readExclusive(host, scope).isEmpty || handsDownCpuset(host, scope);
    })
    .map(name => vmId(Number.parseInt(name, 10)));
}

const listScopes = (host: TextTree): readonly string[] =>
  host.list(SLICE).filter(name => /^[1-9]\d{2,8}\.scope$/.test(name));

/** Threads end while they are looked at. */
function moveTo(host: Host, cgroup: string, tid: number): void {
  try {
    host.writeKernelFile(`${cgroup}/cgroup.threads`, `${tid}`);
  } catch (error) {
    if (!(error instanceof HostError && error.reason === 'gone')) throw error;
  }
}

const readTids = (host: TextTree, cgroup: string): readonly number[] =>
  (host.read(`${cgroup}/cgroup.threads`) ?? '').split('\n').filter(Boolean).map(Number);

const readExclusive = (host: TextTree, cgroup: string): CpuSet =>
  parseCpuList(host.read(`${cgroup}/cpuset.cpus.exclusive`) ?? '');

/** A write of nothing would not reach the kernel; a line without CPUs does. */
const clearExclusive = (host: Host, cgroup: string): void =>
  host.writeKernelFile(`${cgroup}/cpuset.cpus.exclusive`, '\n');

const handsDownCpuset = (host: TextTree, cgroup: string): boolean =>
  (host.read(`${cgroup}/cgroup.subtree_control`) ?? '').split(/\s+/).includes('cpuset');

function handDownCpuset(host: Host, cgroup: string): void {
  if (!handsDownCpuset(host, cgroup)) host.writeKernelFile(`${cgroup}/cgroup.subtree_control`, '+cpuset');
}

/**
 * Switches the cpuset controller off where it was switched on for partitions.
 * @param enabled as `cgroupsWithoutCpuset` had said
 */
export function stopHandingDown(host: Host, enabled: readonly string[]): void {
  for (const above of [SLICE, ROOT]) if (enabled.includes(above)) stopHandingDownIn(host, above);
}

/** Only where nobody has come to depend on it: a cgroup below with CPUs of its own, or that hands the controller on, keeps it. */
function stopHandingDownIn(host: Host, cgroup: string): void {
  if (!handsDownCpuset(host, cgroup)) return;
  const isUsed = host.list(cgroup).some(name => {
    const below = `${cgroup}/${name}`;
    return handsDownCpuset(host, below) || (host.read(`${below}/cpuset.cpus`)?.trim() ?? '') !== '';
  });
  if (!isUsed) host.writeKernelFile(`${cgroup}/cgroup.subtree_control`, '-cpuset');
}
