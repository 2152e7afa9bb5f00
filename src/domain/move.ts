// A guest that is to move to another node: what stands in its way there, what would silently differ, and the way to do it.
import type { CoreKind } from './host-topology.ts';
import type { CpuSet, NodeSet } from './id-set.ts';
import type { CpuId, NumaNodeId, VmId } from './ids.ts';
import type { GuestPlacement } from './placement.ts';
import type { ConfigEdit, Infeasible } from './plan.ts';
import type { Unknown } from './text-tree.ts';

/**
 * stops: Proxmox, the kernel or QEMU refuse. unnoticed: everything accepts it without a word, and the guest is not as it was.
 * note: worth knowing before the move.
 */
export type MoveEffect = 'stops' | 'unnoticed' | 'note';

/** arrival: with the config that the move takes along. next-start: with what waits for the guest's next start. */
export type MoveMoment = 'arrival' | 'next-start';

/** What one CPU number stands for on one node. */
export interface CpuSite {
  readonly node: NumaNodeId | null;
  /** CPUs behind the same last-level cache, itself included; empty where the kernel shows no caches. */
  readonly llc: CpuSet;
  readonly largeCache: boolean;
  /** The other CPUs of its core. */
  readonly siblings: CpuSet;
  readonly kind: CoreKind;
}

export interface MovedCpu {
  readonly cpu: CpuId;
  readonly here: CpuSite;
  readonly there: CpuSite;
}

export interface MoveFacts {
  'vcpus-over-cpus': { vcpus: number; cpus: number };
  'affinity-absent': { affinity: CpuSet; online: CpuSet };
  'affinity-narrower': { absent: CpuSet; left: CpuSet; vcpus: number };
  'pins-elsewhere': { cpus: readonly MovedCpu[] };
  'container-cpus-absent': { absent: CpuSet; cpuset: CpuSet };
  'host-nodes-absent': { key: string; nodes: NodeSet };
  'memory-apart': { memory: NodeSet; cpus: NodeSet };
  'bind-too-large': { key: string; node: NumaNodeId; memoryMiB: number; totalMiB: number };
  'hugepages-absent': { hugepages: string; sizesKiB: readonly number[] };
  'device-absent': { key: string; address: string };
  'device-differs': { key: string; address: string; here: string | null; there: string };
  'mapping-absent': { key: string; mapping: string };
  'passthrough-running': { keys: readonly string[] };
  'hookscript-storage': { volume: string; nodes: readonly string[] };
  'hookscript-absent': { volume: string };
  'start-refused': { problem: string; keys: readonly string[]; says: string | null };
  'ha-managed': { resource: string };
  'ha-elsewhere': { resource: string; rule: string; nodes: readonly string[]; strict: boolean };
  'no-placement': { lack: Infeasible['lack'] };
}

export type MoveCode = keyof MoveFacts;

export type MoveFinding<Code extends MoveCode = MoveCode> = {
  [C in Code]: { readonly code: C; readonly effect: MoveEffect; readonly at: MoveMoment } & Readonly<MoveFacts[C]>;
}[Code];

/** Why a step of a move is taken. */
export type MoveStepReason =
  | 'shut-down'
  | 'revert-pending'
  | 'take-away'
  | 'give-back-own'
  | 'move'
  | 'place-there'
  | 'start-there'
  | 'free-here'
  | 'put-back';

/** One command, on one node; `put-back` only when the move did not go through. */
export interface MoveStep {
  readonly reason: MoveStepReason;
  readonly node: string;
  readonly command: readonly string[];
}

/**
 * published: `topology.json` of the node beside the configs and the placement that the cluster has of it; what runs there, and how
 * much memory is free, is not known. tree: a captured host, with its guests as they ran.
 */
export type MoveBasis = 'published' | 'tree';

export interface MoveReport {
  readonly vmid: VmId;
  readonly kind: 'vm' | 'container';
  readonly running: boolean;
  readonly node: string;
  readonly target: string;
  readonly basis: MoveBasis;
  /** Guests of the target that the placement there was planned together with. */
  readonly neighbours: number;
  readonly findings: readonly MoveFinding[];
  /** Null: there is none, or the policy asks for none. */
  readonly placement: GuestPlacement | null;
  /** What `berth apply` on the target would change in its config. */
  readonly edits: readonly ConfigEdit[];
  readonly steps: readonly MoveStep[];
  readonly unknown: readonly Unknown[];
}

/** Makes a finding; the facts are checked against its code. */
export function moveFinding<Code extends MoveCode>(
  code: Code,
  { effect, at }: { readonly effect: MoveEffect; readonly at: MoveMoment },
  facts: MoveFacts[Code],
): MoveFinding<Code> {
  return { code, effect, at, ...facts } as MoveFinding<Code>;
}
