// Facts of findings about the host nodes to which `numaN` lines bind memory.
import type { NodeSet } from '../id-set.ts';
import type { VmId } from '../ids.ts';

export interface HostNodesFacts {
  /** `key` is `hugepages` where no line names the node: Proxmox then takes host node i for guest node i. */
  'host-node-absent': { readonly key: string; readonly absent: NodeSet; readonly present: NodeSet };
  'host-node-without-memory': { readonly key: string; readonly nodes: NodeSet; readonly withMemory: NodeSet };
  /** `bound`: the nodes that QEMU is told instead. */
  'host-nodes-garbled': {
    readonly lines: ReadonlyArray<{ readonly key: string; readonly written: NodeSet; readonly bound: NodeSet }>;
  };
  'host-nodes-refused': { readonly key: string; readonly value: string };
  'host-nodes-without-policy': { readonly key: string; readonly nodes: NodeSet };
  'policy-without-host-nodes': { readonly keys: readonly string[] };
  'bind-too-large': {
    readonly keys: readonly string[];
    readonly nodes: NodeSet;
    readonly memoryMiB: number;
    readonly totalMiB: number;
  };
  /** `wantedMiB`: what the guest does not hold there yet. */
  'bind-over-free': {
    readonly keys: readonly string[];
    readonly nodes: NodeSet;
    readonly wantedMiB: number;
    readonly availableMiB: number;
  };
  /** `binding`: those of `vmids` that may be killed for it; the others go to another node. */
  'node-memory-overcommitted': {
    readonly nodes: NodeSet;
    readonly vmids: readonly VmId[];
    readonly binding: readonly VmId[];
    readonly wantedMiB: number;
    readonly totalMiB: number;
  };
}
