// Guests that somebody has pinned by hand: which of them Berth can take over as they run, and why not the others.
import type { CpuSet, NodeSet } from './id-set.ts';
import type { VmId } from './ids.ts';
import type { GuestPlacement, Placement } from './placement.ts';

export interface AdoptedGuest {
  /** As it runs. In force as confined although its vCPUs have one CPU each, when others may run on these. */
  readonly placed: GuestPlacement;
  /** What goes into its entry of the policy, in this order; null when it has an entry, which stays as it is. */
  readonly wishes: ReadonlyArray<readonly [key: string, value: string]> | null;
  /** Running guests that may use its CPUs, or their siblings: until a plan keeps them off it is not alone there. */
  readonly beside: readonly VmId[];
  /** Nodes with its memory and none of its CPUs. */
  readonly memoryElsewhere: NodeSet;
}

/** Why a guest is left as it is. */
export type NotAdopted =
  | { readonly kind: 'not-pinned' }
  | { readonly kind: 'placed' }
  | { readonly kind: 'template' }
  | { readonly kind: 'unreadable'; readonly reason: string }
  | { readonly kind: 'overlap'; readonly cpus: CpuSet; readonly others: readonly VmId[] }
  | { readonly kind: 'wider-than-node'; readonly cpus: CpuSet; readonly nodes: NodeSet }
  | { readonly kind: 'vcpus-differ'; readonly masks: readonly CpuSet[] }
  | { readonly kind: 'emulator-differs'; readonly masks: readonly CpuSet[] }
  | { readonly kind: 'vcpus-unplugged'; readonly plugged: number; readonly vcpus: number }
  | { readonly kind: 'restart-pending'; readonly keys: readonly string[] }
  | { readonly kind: 'stopped-with-hookscript'; readonly hookscript: string }
  | { readonly kind: 'cpus-absent'; readonly cpus: CpuSet }
  | { readonly kind: 'cpuset-differs'; readonly configured: CpuSet; readonly effective: CpuSet };

export interface LeftGuest {
  readonly vmid: VmId;
  readonly why: NotAdopted;
}

export interface Adoption {
  readonly node: string;
  /** Ascending by VMID. */
  readonly adopted: readonly AdoptedGuest[];
  /** Ascending by VMID; without those that nobody has pinned, unless they were asked for. */
  readonly left: readonly LeftGuest[];
  /** What will be in force: the placement until now and the adopted guests. */
  readonly placement: Placement;
}
