// Facts of findings about the `numa` and `numaN` lines of VMs. vCPUs are lists as `numaN` counts them: `0-3,8`.

export interface NumaFacts {
  /** `problem`: what would then stop the start if `numa: 1` were set, as in `StartProblem`; null when it would start. */
  'numa-line-without-numa': {
    readonly keys: readonly string[];
    readonly binds: boolean;
    readonly problem: string | null;
  };
  'numa-line-dropped': { readonly keys: readonly string[] };
  /** Whatever else stops the start of a VM. `problem`: as in `StartProblem`; `says`: part of the line in the task log. */
  'start-fails': { readonly problem: string; readonly keys: readonly string[]; readonly says: string | null };
  /** `missing`: lines without a memory; `dropped`: lines that Proxmox does not read. */
  'numa-memory-sum': {
    readonly keys: readonly string[];
    readonly missing: readonly string[];
    readonly dropped: readonly string[];
    readonly sumMiB: number;
    readonly memoryMiB: number;
  };
  'numa-memory-sockets': { readonly memoryMiB: number; readonly sockets: number };
  'numa-vcpus-beyond': { readonly keys: readonly string[]; readonly beyond: string; readonly vcpus: number };
  /** `matches`: what on the host bears the same numbers. */
  'numa-host-cpus': {
    readonly keys: readonly string[];
    readonly cpus: string;
    readonly vcpus: number;
    readonly matches: 'affinity' | 'node';
  };
  'numa-vcpus-twice': { readonly keys: readonly string[]; readonly twice: string };
  'numa-vcpus-uncovered': { readonly keys: readonly string[]; readonly uncovered: string; readonly vcpus: number };
  'numa-node-gap': {
    readonly keys: readonly string[];
    readonly gaps: readonly string[];
    readonly dropped: readonly string[];
  };
}
