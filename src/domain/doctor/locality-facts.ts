// Facts of findings about VMs whose CPUs, memory and devices are on different nodes.
import type { CpuSet, NodeSet } from '../id-set.ts';

export interface LocalityFacts {
  /** `resident`: memory that a running VM has elsewhere although its config does not ask for that; else `remoteMiB` is null. */
  'memory-remote': {
    readonly by: 'config' | 'resident';
    readonly cpus: CpuSet;
    readonly cpuNodes: NodeSet;
    readonly memoryNodes: NodeSet;
    readonly remoteMiB: number | null;
  };
  /** `near`: the nodes of the VM's CPUs, or of its memory where its CPUs are not pinned. */
  'device-remote': {
    readonly devices: ReadonlyArray<{ readonly key: string; readonly address: string; readonly nodes: NodeSet }>;
    readonly near: NodeSet;
    readonly by: 'cpus' | 'memory';
  };
  /** `fits`: the nodes of which each has CPUs and memory enough. */
  'guest-spans-nodes': {
    readonly by: 'affinity' | 'host-nodes';
    readonly nodes: NodeSet;
    readonly vcpus: number;
    readonly memoryMiB: number;
    readonly fits: NodeSet;
  };
  'sockets-split-guest': { readonly sockets: number; readonly cores: number };
}
