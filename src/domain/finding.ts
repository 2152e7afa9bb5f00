// Expected problems, as data: what is wrong, with whom, and the facts. English is in report/finding-messages.ts only.
import type { ConfineSupport, UnitWish } from './confinement.ts';
import type { HostKind } from './host-kind.ts';
import type { LayerName } from './host-layer.ts';
import type { CpuSet, NodeSet } from './id-set.ts';
import type { CpuId, NumaNodeId, VmId } from './ids.ts';
import type { KsmKeySupport, PartitionSupport } from './inventory.ts';

/** error: not true, or cannot be done. warning: worth acting on. note: worth knowing. */
export type Severity = 'error' | 'warning' | 'note';

/** Why Proxmox would not start a guest with the hugepages that are wanted, or would not give it any. */
export type HugepageObstacle = 'container' | 'memory-hotplug' | 'not-multiple' | 'unsupported' | 'runtime';

/** Why a guest's config is not made to keep KSM from merging its memory. */
export type KsmObstacle = 'container' | 'shared' | Exclude<KsmKeySupport, 'known'>;

/** The facts of every kind of finding, by its stable code. */
export interface FindingFacts {
  // A plan that breaks a hard rule (check-plan).
  'plan-guest-unknown': { vmid: VmId };
  'plan-identity-changed': { vmid: VmId };
  'plan-vcpus-mismatch': { vmid: VmId; planned: number; configured: number };
  'plan-vcpu-not-single': { vmid: VmId; vcpu: number; cpus: CpuSet };
  'plan-cpu-offline': { vmid: VmId; cpus: CpuSet };
  'plan-cpu-twice': { cpu: CpuId; vmids: readonly VmId[] };
  'plan-core-shared': { vmid: VmId; cpus: CpuSet; others: readonly VmId[] };
  'plan-housekeeping-dedicated': { vmid: VmId; cpus: CpuSet };
  'plan-housekeeping-missing': { cpu: CpuId };
  'plan-housekeeping-too-few': { node: NumaNodeId; kept: number; wanted: number };
  'plan-smt-broken': { vmid: VmId; smt: string; vcpu: number };
  'plan-kinds-mixed': { vmid: VmId };
  'plan-nodes-mismatch': { vmid: VmId; nodes: NodeSet; used: NodeSet };
  'plan-emulator-on-dedicated': { vmid: VmId; cpus: CpuSet };
  'plan-not-kept-off': { vmid: VmId; cpus: CpuSet };
  'plan-too-few-cpus': { vmid: VmId; wanted: number; usable: number };
  'plan-affinity-mismatch': { vmid: VmId; affinity: CpuSet; needed: CpuSet };
  'plan-memory-sum': { vmid: VmId; plannedMiB: number; configuredMiB: number };
  'plan-memory-vcpus': { vmid: VmId };
  'plan-memory-node': { vmid: VmId; node: NumaNodeId };
  'plan-hugepages-node': { vmid: VmId; node: NumaNodeId };
  'plan-node-memory-full': { node: NumaNodeId; neededMiB: number; thereMiB: number };
  'plan-breaks-start': { vmid: VmId; problem: string; keys: readonly string[] };
  'plan-change-wrong': { vmid: VmId; what: string };
  'plan-unit-wrong': { unit: string; what: string };
  'plan-interrupts-wrong': { what: string };
  'plan-layer-wrong': { layer: LayerName; what: string };
  'plan-aims-mismatch': { aim: string; claimed: number | null; measured: number };
  'plan-policy-ignored': { vmid: VmId; class: string; wanted: string };

  // The machine as it is, against the placement in force (verify).
  // `takenBy`: the cgroup, below the cgroups' root, whose cpuset lacks CPUs of `wanted`; null when nothing is in the way.
  'vcpu-mask': { vmid: VmId; vcpu: number; tid: number; allowed: CpuSet; wanted: CpuSet; takenBy: string | null };
  'thread-mask': { vmid: VmId; thread: string; tid: number; allowed: CpuSet; wanted: CpuSet; takenBy: string | null };
  'vcpu-elsewhere': { vmid: VmId; vcpus: readonly number[] };
  'vcpu-missing': { vmid: VmId; vcpu: number };
  'guest-intrudes': { vmid: VmId; thread: string; cpus: CpuSet; owner: VmId };
  // `isTaken`: its own cgroup says so already, and another one has the rest.
  'container-cpuset': { vmid: VmId; cpuset: CpuSet; wanted: CpuSet; isTaken: boolean };
  'memory-elsewhere': { vmid: VmId; elsewhereMiB: number; residentMiB: number; nodes: NodeSet };
  'memory-unread': { vmid: VmId };
  'config-drift': { vmid: VmId; key: string; found: string | null; wanted: string | null };
  'restart-pending': { vmid: VmId; keys: readonly string[] };
  'guest-gone': { vmid: VmId };
  'guest-identity': { vmid: VmId };
  'guest-unread': { vmid: VmId; reason: string };
  'cpu-went-offline': { vmid: VmId; cpus: CpuSet };
  'others-may-run': { cpus: CpuSet; tasks: number; examples: readonly string[] };

  // A start of a placed guest, right before it.
  'start-fails': { vmid: VmId; problem: string; keys: readonly string[] };
  'start-memory-short': { vmid: VmId; node: NumaNodeId; neededMiB: number; thereMiB: number };

  // `cpus`: dedicated, and isolated only by the kernel parameters that `berth isolate` writes.
  'boot-not-isolated': { cpus: CpuSet };

  'unit-intrudes': { unit: string; cpus: CpuSet };
  'partition-missing': { vmid: VmId; cpus: CpuSet; found: CpuSet | null };

  'interrupts-on-dedicated': { cpus: CpuSet; names: readonly string[]; fixed: boolean };
  'guest-interrupts': { vmid: VmId; names: readonly string[]; cpus: CpuSet; wanted: CpuSet };

  'layer-deviates': { layer: LayerName; settings: readonly string[]; found: string; wanted: string };
  // Names with `*` for the number of a CPU.
  'kernel-threads-stay': { cpus: CpuSet; names: readonly string[] };

  // Advice beside a plan.
  'advice-layer-absent': { layer: LayerName };
  'advice-zfs-threads': { pools: number };
  'advice-housekeeping': { kind: HostKind; cpus: CpuSet; more: number; before: CpuSet | null };
  // Cores of the host's own, and their CPUs, in two ways. `network` is null where it is not known what its links can carry.
  'advice-reservation': { usual: number; storage: number; network: number | null; eachNode: CpuSet; together: CpuSet };
  'advice-small-host': { cores: number; vmids: readonly VmId[] };
  'advice-overcommitted': { vmids: readonly VmId[]; vcpus: number; left: CpuSet };
  'advice-cpulimit': { vmids: readonly VmId[] };
  'advice-balanced': { vmids: readonly VmId[] };
  'advice-no-confine': { reason: Exclude<ConfineSupport, 'possible'> };
  'advice-unit-conflict': { unit: string; key: UnitWish['key']; cpus: CpuSet; path: string };
  'advice-no-partition': { reason: Exclude<PartitionSupport, 'trusted'> };
  'advice-memory-hotplug': { vmid: VmId };
  'advice-hugepages': { vmid: VmId; wanted: string; obstacle: HugepageObstacle };
  'advice-ksm': { vmid: VmId; obstacle: KsmObstacle };
  // `needed` and `total` are pages, of all guests that are placed on the node with pages of this size.
  'advice-hugepage-pool': {
    node: NumaNodeId;
    sizeKiB: number;
    needed: number;
    total: number;
    vmids: readonly VmId[];
  };
  'advice-bind': { vmid: VmId };
  // `keys`: lines of the operator's own that name CPUs or nodes of this host, though the guest is placed at run time only.
  'advice-own-keys-travel': { vmid: VmId; keys: readonly string[] };
  // `bind` needs a config that names nodes.
  'advice-not-bound': { vmid: VmId };
  // Their configs would name CPUs or nodes that the other node does not have.
  'advice-start-elsewhere': { vmids: readonly VmId[]; node: string };
  'advice-containers-balance': { vmids: readonly VmId[] };
}

export type FindingCode = keyof FindingFacts;

export type Finding<Code extends FindingCode = FindingCode> = {
  [C in Code]: { readonly code: C; readonly severity: Severity } & Readonly<FindingFacts[C]>;
}[Code];

/** Makes a finding; the facts are checked against its code. */
export function finding<Code extends FindingCode>(
  code: Code,
  severity: Severity,
  facts: FindingFacts[Code],
): Finding<Code> {
  return { code, severity, ...facts } as Finding<Code>;
}
