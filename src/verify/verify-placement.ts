// Compares the placement in force with what the kernel and Proxmox say now, guest by guest.
import { type Finding, finding } from '#domain/finding.ts';
import {
  type CgroupCpus,
  type ContainerGuest,
  type Guest,
  type GuestThread,
  isSameGuest,
  type VmGuest,
} from '#domain/guest.ts';
import { cpuSet, unionOf } from '#domain/id-set.ts';
import type { CpuId, VmId } from '#domain/ids.ts';
import type { Inventory } from '#domain/inventory.ts';
import {
  type GuestPlacement,
  isPartitionWhole,
  type Placement,
  reservedCpus,
  wantedMask,
  wantedPartition,
  whileCopied,
} from '#domain/placement.ts';
import type { Task } from '#domain/task.ts';
import type { GuestState, GuestVerdict, VerifyReport } from '#domain/verify-report.ts';
import { encodePlacementConfig, KSM_KEY, nextValue } from '#proxmox/placement-config.ts';
import { verifyBoot } from './verify-boot.ts';
import { verifyGuestInterrupts } from './verify-interrupts.ts';
import { verifyLayers } from './verify-layers.ts';
import { verifyMemory } from './verify-memory.ts';
import { verifyOthers } from './verify-others.ts';
import { verifyUnits } from './verify-units.ts';

export interface VerifyInput {
  readonly inventory: Inventory;
  readonly placement: Placement;
  /** Tasks of the host that belong to no guest's QEMU. */
  readonly tasks: readonly Task[];
  /** Only these guests; null for all. */
  readonly only: ReadonlySet<VmId> | null;
}

/** Findings of severity error and warning are deviations; notes are worth knowing and true of a placement in force. */
export function verifyPlacement({ inventory, placement, tasks, only }: VerifyInput): VerifyReport {
  const reserved = reservedCpus(placement, inventory.topology);
  const placed = placement.guests.filter(({ vmid }) => only === null || only.has(vmid));
  const results = placed.map(guest => verifyGuest(guest, { inventory, placement, reserved }));
  return {
    node: placement.node,
    isolation: placement.isolation,
    guests: results.map(({ verdict }) => verdict),
    findings: [
      ...results.flatMap(({ findings }) => findings),
      ...verifyBoot(inventory, placement),
      ...verifyUnits(inventory, placement, reserved),
      ...verifyLayers(inventory, placement),
      ...verifyOthers({ inventory, placement, tasks, reserved, only }),
    ],
  };
}

interface Result {
  readonly verdict: GuestVerdict;
  readonly findings: readonly Finding[];
}

interface Against {
  readonly inventory: Inventory;
  readonly placement: Placement;
  readonly reserved: ReadonlyMap<CpuId, VmId>;
}

function verifyGuest(placed: GuestPlacement, against: Against): Result {
  const { inventory, placement, reserved } = against;
  const { vmid } = placed;
  const guest = inventory.guests.find(candidate => candidate.vmid === vmid && candidate.kind === placed.kind);
  const nothing = { vmid, class: placed.class, threadsChecked: 0, localMiB: null, residentMiB: null };
  if (!guest) return { verdict: { ...nothing, state: 'gone' }, findings: [finding('guest-gone', 'warning', { vmid })] };
  if (!isSameGuest(guest.identity, placed.identity)) {
    return { verdict: { ...nothing, state: 'gone' }, findings: [finding('guest-identity', 'warning', { vmid })] };
  }
  const offline = unionOf([...placed.vcpus, placed.emulator]).difference(inventory.topology.online);
  const lost = offline.isEmpty ? [] : [finding('cpu-went-offline', 'error', { vmid, cpus: offline })];
  const config = [...verifyConfig(placed, guest)];
  const running =
    guest.kind === 'vm'
      ? verifyVm(whileCopied(placed, placement.housekeeping, guest.lock), guest, inventory, reserved)
      : verifyContainer(placed, guest, reserved);
  const findings = [...lost, ...config, ...running.findings, ...verifyPartition(placed, guest, against)];
  return { verdict: { ...nothing, ...running.facts, state: stateOf(findings, guest) }, findings };
}

function stateOf(findings: readonly Finding[], guest: Guest): GuestState {
  const deviations = findings.filter(({ severity }) => severity !== 'note');
  // Memory moves when the guest starts with its new NUMA nodes.
  const movesMemory = deviations.some(
    each => each.code === 'restart-pending' && each.keys.some(key => key !== KSM_KEY),
  );
  const expected = ['restart-pending', ...(movesMemory ? ['memory-elsewhere'] : [])];
  if (deviations.some(({ code }) => !expected.includes(code))) return 'deviates';
  if (guest.runtime === null) return 'stopped';
  return deviations.length > 0 ? 'restartPending' : 'inForce';
}

/** Values that are not what the placement needs; values that wait for the next start are no drift. */
function* verifyConfig(placed: GuestPlacement, guest: Guest): Generator<Finding> {
  const { vmid } = placed;
  const waiting: string[] = [];
  for (const [key, wanted] of encodePlacementConfig(placed)) {
    const found = nextValue(guest, key);
    if (found !== wanted) yield finding('config-drift', 'warning', { vmid, key, found, wanted });
    else if (guest.pending.has(key) && (guest.raw.get(key) ?? null) !== wanted) waiting.push(key);
  }
  // The affinity is in force already through the threads' own masks.
  const keys = waiting.filter(key => key !== 'affinity');
  if (keys.length > 0 && guest.runtime !== null) yield finding('restart-pending', 'warning', { vmid, keys });
}

/** With the rung `partition` the kernel itself keeps everybody else off a dedicated VM's CPUs. */
function* verifyPartition(
  placed: GuestPlacement,
  guest: Guest,
  { inventory: { topology }, placement, reserved }: Against,
): Generator<Finding> {
  if (placement.isolation !== 'partition' || guest.kind !== 'vm' || guest.runtime === null) return;
  if (guest.runtime.unreadable !== undefined) return;
  const { partition, threads } = guest.runtime;
  const wanted = wantedPartition(placed, threads, { reserved, online: topology.online });
  if (isPartitionWhole(partition, wanted)) return;
  const facts = { vmid: placed.vmid, cpus: wanted?.cpus ?? cpuSet(), found: partition?.cpus ?? null };
  yield finding('partition-missing', 'error', facts);
}

interface Running {
  readonly facts: Partial<GuestVerdict>;
  readonly findings: readonly Finding[];
}

function verifyVm(
  placed: GuestPlacement,
  guest: VmGuest,
  inventory: Inventory,
  reserved: ReadonlyMap<CpuId, VmId>,
): Running {
  const { vmid } = placed;
  const { runtime } = guest;
  if (runtime === null) return { facts: {}, findings: [] };
  if (runtime.unreadable !== undefined) {
    return { facts: {}, findings: [finding('guest-unread', 'error', { vmid, reason: runtime.unreadable })] };
  }
  const { online } = inventory.topology;
  const helpers = (runtime.helpers ?? []).flatMap(helper => helper.threads);
  const findings = [...runtime.threads, ...helpers].flatMap(thread => {
    const now = { ...thread, allowed: thread.allowed.intersection(online) };
    return placed.class === 'shared'
      ? verifySharedThread(now, vmid, reserved)
      : verifyThread(now, placed, runtime.cpusets);
  });
  const threads = new Set(runtime.threads.flatMap(({ role }) => (role.kind === 'vcpu' ? [role.index] : [])));
  for (let vcpu = 0; vcpu < guest.pluggedVcpus; vcpu++) {
    if (!threads.has(vcpu as never)) findings.push(finding('vcpu-missing', 'warning', { vmid, vcpu }));
  }
  findings.push(...sleepers(placed, runtime.threads));
  findings.push(...verifyGuestInterrupts(placed, guest, online));
  const memory = verifyMemory(placed, guest);
  return {
    facts: { threadsChecked: runtime.threads.length + helpers.length, ...memory.facts },
    findings: [...findings, ...memory.findings],
  };
}

function verifyThread(thread: GuestThread, placed: GuestPlacement, cpusets: readonly CgroupCpus[]): Finding[] {
  const { vmid } = placed;
  const { role, tid, allowed } = thread;
  const wanted = wantedMask(placed, role);
  if (allowed.equals(wanted)) return [];
  const takenBy = cpusets.find(({ effective }) => !wanted.isSubsetOf(effective))?.cgroup ?? null;
  const facts = { vmid, tid, allowed, wanted, takenBy };
  return role.kind === 'vcpu'
    ? [finding('vcpu-mask', 'error', { ...facts, vcpu: role.index })]
    : [finding('thread-mask', 'error', { ...facts, thread: nameOf(thread) })];
}

/** The kernel moves a sleeping thread only when it wakes, so this alone is no deviation. */
function sleepers(placed: GuestPlacement, threads: readonly GuestThread[]): Finding[] {
  const vcpus = threads.flatMap(({ role, allowed, lastCpu }) => {
    if (role.kind !== 'vcpu' || placed.class === 'shared') return [];
    const wanted = wantedMask(placed, role);
    return allowed.equals(wanted) && !wanted.has(lastCpu as CpuId) ? [role.index] : [];
  });
  return vcpus.length === 0 ? [] : [finding('vcpu-elsewhere', 'note', { vmid: placed.vmid, vcpus })];
}

function nameOf({ role, name }: GuestThread): string {
  return role.kind === 'iothread'
    ? `iothread ${role.id}`
    : role.kind === 'vcpu'
      ? `vCPU ${role.index}`
      : `emulator thread "${name}"`;
}

/** A shared guest may run anywhere but on others' CPUs. */
function verifySharedThread(thread: GuestThread, vmid: VmId, reserved: ReadonlyMap<CpuId, VmId>): Finding[] {
  return intrusions(thread.allowed.ids, reserved).map(([owner, cpus]) =>
    finding('guest-intrudes', 'error', { vmid, thread: nameOf(thread), cpus: cpuSet(cpus), owner }),
  );
}

function intrusions(cpus: readonly CpuId[], reserved: ReadonlyMap<CpuId, VmId>): [VmId, CpuId[]][] {
  const byOwner = new Map<VmId, CpuId[]>();
  for (const cpu of cpus) {
    const owner = reserved.get(cpu);
    if (owner !== undefined) byOwner.set(owner, [...(byOwner.get(owner) ?? []), cpu]);
  }
  return [...byOwner];
}

function verifyContainer(placed: GuestPlacement, guest: ContainerGuest, reserved: ReadonlyMap<CpuId, VmId>): Running {
  const { runtime } = guest;
  if (runtime === null) return { facts: {}, findings: [] };
  const { vmid } = placed;
  const { effective, cpuset } = runtime;
  const isTaken = cpuset.equals(placed.affinity);
  const isWrong = placed.class !== 'shared' && !effective.equals(placed.affinity);
  const findings = isWrong
    ? [finding('container-cpuset', 'error', { vmid, cpuset: effective, wanted: placed.affinity, isTaken })]
    : intrusions(effective.ids, reserved)
        .filter(([owner]) => owner !== vmid)
        .map(([owner, cpus]) =>
          finding('guest-intrudes', 'error', { vmid, thread: 'container', cpus: cpuSet(cpus), owner }),
        );
  return { facts: {}, findings };
}
