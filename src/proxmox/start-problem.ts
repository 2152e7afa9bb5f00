// What keeps a VM from starting as its config says, or starts it otherwise: the code, who says it, and in which words.
import { ParseError } from '#domain/errors.ts';

/** Who finds the problem when the VM starts; `nobody`: the VM starts, differently from what its config seems to say. */
export type StartJudge = 'proxmox' | 'taskset' | 'qemu' | 'nobody';

/** An error keeps the VM from starting, a warning does not. */
interface StartProblemKind {
  readonly severity: 'error' | 'warning';
  readonly by: StartJudge;
}

const proxmoxStops: StartProblemKind = { severity: 'error', by: 'proxmox' };
const tasksetStops: StartProblemKind = { severity: 'error', by: 'taskset' };
const qemuStops: StartProblemKind = { severity: 'error', by: 'qemu' };
const qemuWarns: StartProblemKind = { severity: 'warning', by: 'qemu' };
const nobodySays: StartProblemKind = { severity: 'warning', by: 'nobody' };

const KINDS = {
  'vcpus-over-host': proxmoxStops,
  'cpu-hotplug-architecture': proxmoxStops,
  'memory-hotplug-without-numa': proxmoxStops,
  'memory-hotplug-with-numa-lines': proxmoxStops,
  'memory-hotplug-with-virtiofs': proxmoxStops,
  'memory-hotplug-too-large': proxmoxStops,
  'memory-hotplug-too-small': proxmoxStops,
  'memory-hotplug-unaligned': proxmoxStops,
  'hugepages-without-numa': proxmoxStops,
  'hugepages-odd-size': proxmoxStops,
  'hugepages-unsupported': proxmoxStops,
  'hugepages-not-multiple': proxmoxStops,
  'hugepages-without-host-nodes': proxmoxStops,
  'hugepages-host-node-not-single': proxmoxStops,
  'numa-range-reversed': proxmoxStops,
  'numa-memory-missing': proxmoxStops,
  'numa-memory-sum': proxmoxStops,
  'numa-policy-missing': proxmoxStops,
  'host-node-missing': proxmoxStops,

  'affinity-unreadable': tasksetStops,
  'affinity-cpus-missing': tasksetStops,

  'vcpus-over-maximum': qemuStops,
  'vcpus-over-machine': qemuStops,
  'backend-twice': qemuStops,
  'backend-size-unreadable': qemuStops,
  'backend-size-zero': qemuStops,
  'backend-size-unaligned': qemuStops,
  'host-nodes-unreadable': qemuStops,
  'host-nodes-not-bindable': qemuStops,
  'numa-vcpus-unreadable': qemuStops,
  'numa-vcpu-over-maximum': qemuStops,
  'numa-vcpu-twice': qemuStops,
  'numa-node-gap': qemuStops,
  'numa-total-differs': qemuStops,
  'numa-vcpus-uncovered': qemuWarns,

  'affinity-ignored': nobodySays,
  'numa-lines-ignored': nobodySays,
  'numa-policy-ignored': nobodySays,
  'host-nodes-garbled': nobodySays,
  'hugepages-unbound': nobodySays,
} satisfies Readonly<Record<string, StartProblemKind>>;

export type StartProblemCode = keyof typeof KINDS;

export interface StartProblem extends StartProblemKind {
  readonly code: StartProblemCode;
  /** Keys of the config whose values are at fault. */
  readonly keys: readonly string[];
  /** Part of the line that the task log or QEMU's own log will show; null where nobody says a word. */
  readonly says: string | null;
}

export function startProblem(
  code: StartProblemCode,
  keys: readonly string[],
  says: string | null = null,
): StartProblem {
  return { code, ...KINDS[code], keys, says };
}

/** Stops the reading of a config at the first thing that also stops the start of its VM. */
export class StartRefusal extends ParseError {
  readonly problem: StartProblem;

  constructor(code: StartProblemCode, keys: readonly string[], says: string) {
    super(says);
    this.problem = startProblem(code, keys, says);
  }
}
