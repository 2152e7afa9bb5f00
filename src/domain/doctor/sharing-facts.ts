// Facts of findings about guests that get in each other's way, and about tasks of the host that get in theirs.
import type { CpuSet, NodeSet } from '../id-set.ts';
import type { VmId } from '../ids.ts';

export type SharingFacts = NeighbourFacts & ContainerFacts & BystanderFacts & CopyFacts;

export interface NeighbourFacts {
  /** `cpus`: those of the subject whose sibling threads are `other`'s. */
  'siblings-split': { readonly other: VmId; readonly cpus: CpuSet; readonly otherCpus: CpuSet };
  /** `cores`: on how many its CPUs lie; `free`: CPUs of whole cores on its nodes that nobody is bound to. */
  'siblings-as-cores': { readonly cpus: CpuSet; readonly cores: number; readonly free: CpuSet };
}

export interface ContainerFacts {
  /** `cpus`: those of guests on which these containers may run; `rest`: where they could be kept. */
  'containers-on-pinned': { readonly vmids: readonly VmId[]; readonly cpus: CpuSet; readonly rest: CpuSet };
  /** `cpus`: those of the container's own set that belong to `others`; `rest`: its other ones. */
  'container-cpus-taken': { readonly cpus: CpuSet; readonly others: readonly VmId[]; readonly rest: CpuSet };
  /** `cpus`: all that it may use; `isOwnLine`: by a line of its config, not by what is left for all containers. */
  'container-starved': { readonly cores: number; readonly cpus: CpuSet; readonly isOwnLine: boolean };
}

export interface BystanderFacts {
  /** `names`: of processes that serve the VM; `mask`: where the VM is held; `outside`: where they may run besides. */
  'helpers-outside-mask': { readonly names: readonly string[]; readonly mask: CpuSet; readonly outside: CpuSet };
  /** `cpus`: those of guests on which these kernel threads may run. */
  'storage-threads-on-pinned': { readonly names: readonly string[]; readonly threads: number; readonly cpus: CpuSet };
}

export interface CopyFacts {
  'template-pinned': { readonly cpus: CpuSet };
  /** `cpus`: those that `others` have now. */
  'snapshot-takes-cpus': {
    readonly snapshots: readonly string[];
    readonly cpus: CpuSet;
    readonly others: readonly VmId[];
  };
  /** `says`: what stops the first of them, in the words of who stops it; null where nobody says a word. */
  'snapshot-breaks-start': { readonly snapshots: readonly string[]; readonly says: string | null };
  /** `nodes`: where the snapshots put its memory; `placed`: where the placement in force has it. */
  'snapshot-moves-memory': {
    readonly snapshots: readonly string[];
    readonly nodes: NodeSet;
    readonly placed: NodeSet;
  };
}
