// Facts of findings about the `hugepages` of VMs and the pools that they come from.
import type { NodeSet } from '../id-set.ts';

/** Pages that a VM needs on one host node, and what is there. */
interface PagesOnNode {
  readonly pageMiB: number;
  readonly nodes: NodeSet;
  readonly neededPages: number;
  readonly freePages: number;
  readonly availableMiB: number;
}

export interface HugepagesFacts {
  'hugepages-without-numa': { readonly value: string };
  /** `twoDigits`: Proxmox takes an id of 10 and more for several nodes. */
  'hugepages-host-node': { readonly key: string; readonly nodes: NodeSet; readonly twoDigits: boolean };
  /** `problem`: as in `StartProblem`. `supportedMiB`: page sizes of this host. */
  'hugepages-size': {
    readonly value: string;
    readonly problem: string;
    readonly memoryMiB: number;
    readonly supportedMiB: readonly number[];
  };
  'hugepages-unbound': { readonly vcpus: number; readonly memoryMiB: number; readonly sockets: number };
  /** `ever`: more than the node has in all. */
  'hugepages-short': PagesOnNode & { readonly ever: boolean };
  'hugepages-late': PagesOnNode;
  /** `kept`: the pages that Proxmox leaves, from its reading of the kernel command line; `misread`: that asks for others. */
  'hugepages-pool-freed': {
    readonly pageMiB: number;
    readonly totalPages: number;
    readonly freePages: number;
    readonly kept: number;
    readonly misread: boolean;
  };
}
