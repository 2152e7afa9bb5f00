// Whether a VM will start, and what Proxmox, taskset and QEMU will say: from its config alone, before anything is tried.
import { nodeSet } from '#domain/id-set.ts';
import { parseAffinity } from './cpuset.ts';
import { parseQemuHostNodes } from './host-node-list.ts';
import { type HugepagePlan, makeHugepagePlan } from './hugepage-plan.ts';
import { encodeMachineFlags, encodeMemoryArguments } from './memory-arguments.ts';
import { numaKeys, parseNumaEntry } from './numa-entry.ts';
import { predictQemu } from './predict-qemu.ts';
import { countFromTo } from './qemu-number.ts';
import { encodeSmpArguments } from './smp-arguments.ts';
import type { StartHost } from './start-host.ts';
import { type StartProblem, StartRefusal, startProblem } from './start-problem.ts';
import { type ConfigValues, isSet, startValues } from './start-values.ts';
import { type MemoryNode, makeVmMemory, type VmMemory } from './vm-memory.ts';
import { makeVmVcpus, type VmVcpus } from './vm-vcpus.ts';

export interface StartCommand {
  /** `-smp …`, `-m …`, `-object …`, `-numa …`, `-device …`. */
  readonly words: readonly string[];
  /** Parts of the one value of `-machine`. */
  readonly machineFlags: readonly string[];
}

export interface StartPrediction {
  readonly starts: boolean;
  /** The one error that stops the start; or else all warnings. */
  readonly problems: readonly StartProblem[];
  /** QEMU's part for vCPUs and memory; null when Proxmox does not get to start it. */
  readonly command: StartCommand | null;
  /** Pages that Proxmox allocates before it starts QEMU; null without hugepages, or when it does not get that far. */
  readonly hugepages: HugepagePlan | null;
}

/**
 * Plays the start of a VM with these values of its main section (see `parseVmConfig`) on this host. Judged are vCPUs, memory and
 * affinity; not disks, networks or devices, not the operator's own `args`, and not whether memory and hugepages are free just then.
 */
export function predictStart(config: ConfigValues, host: StartHost): StartPrediction {
  const values = startValues(config);
  try {
    return predictAsked({ values, host, vcpus: makeVmVcpus(values, host), memory: makeVmMemory(values, host) });
  } catch (error) {
    if (!(error instanceof StartRefusal)) throw error;
    return { starts: false, problems: [error.problem], command: null, hugepages: null };
  }
}

interface Asked {
  readonly values: ConfigValues;
  readonly host: StartHost;
  readonly vcpus: VmVcpus;
  readonly memory: VmMemory;
}

/** Proxmox has made its command: what now comes is to allocate hugepages, then taskset, then QEMU. */
function predictAsked(asked: Asked): StartPrediction {
  const { values, host, vcpus, memory } = asked;
  const hugepages = makeHugepagePlan(values, host);
  const command = {
    words: [...encodeSmpArguments(vcpus), ...encodeMemoryArguments(memory)],
    machineFlags: encodeMachineFlags(memory),
  };
  const loud = [
    ...predictTaskset(values, host),
    ...predictQemu({ vcpus, memory, host, machine: values.get('machine') }),
  ];
  const error = loud.find(({ severity }) => severity === 'error');
  if (error !== undefined) return { starts: false, problems: [error], command, hugepages };
  return { starts: true, problems: [...loud, ...findSilentProblems(asked)], command, hugepages };
}

/** taskset is only in front of QEMU where there is an affinity, and finds CPUs that are offline. */
function predictTaskset(values: ConfigValues, { onlineCpus }: StartHost): readonly StartProblem[] {
  const text = values.get('affinity');
  if (text === undefined) return [];
  const view = parseAffinity(text);
  const complains = 'taskset: failed to';
  switch (view.kind) {
    case 'ignored':
      return [startProblem('affinity-ignored', ['affinity'])];
    case 'breaks-start':
      return [startProblem('affinity-unreadable', ['affinity'], complains)];
    case 'set':
      return view.cpus.isDisjointFrom(onlineCpus)
        ? [startProblem('affinity-cpus-missing', ['affinity'], complains)]
        : [];
    case 'rejected':
      return [];
  }
}

/** What the config says and the guest does not get, without a word from anyone. */
function findSilentProblems({ values, memory }: Asked): readonly StartProblem[] {
  const keys = numaKeys(values);
  if (!isSet(values, 'numa')) return keys.length === 0 ? [] : [startProblem('numa-lines-ignored', keys)];
  const unbound = isSet(values, 'hugepages') && memory.nodes.some(({ key }) => key === null);
  return [
    ...memory.nodes.flatMap(node => findSilentNodeProblems(node, values)),
    ...(unbound ? [startProblem('hugepages-unbound', ['hugepages'])] : []),
  ];
}

function findSilentNodeProblems({ key, backend }: MemoryNode, values: ConfigValues): readonly StartProblem[] {
  if (key === null) return [];
  const { hostNodes, policy } = parseNumaEntry(key, values.get(key) ?? '');
  if (hostNodes === null) return policy === null ? [] : [startProblem('numa-policy-ignored', [key])];
  const wanted = nodeSet(hostNodes.flatMap(({ first, last }) => countFromTo(Number(first), Number(last ?? first))));
  const bound = parseQemuHostNodes(backend.hostNodes ?? '');
  return bound?.equals(wanted) ? [] : [startProblem('host-nodes-garbled', [key])];
}
