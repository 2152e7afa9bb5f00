// What the kernel made of the parameters that it was booted with.
import type { BootIsolation, KernelAbilities, KernelProblem } from '#domain/boot-isolation.ts';
import type { HostTopology } from '#domain/host-topology.ts';
import { parseCpuList } from '#domain/id-list.ts';
import { type CpuSet, cpuSet, unionOf } from '#domain/id-set.ts';
import type { CpuId } from '#domain/ids.ts';
import type { NodeMemory } from '#domain/inventory.ts';
import { bootParameters, isolationFlags, namesCpu } from './boot-words.ts';

export interface KernelState {
  readonly topology: HostTopology;
  readonly memory: readonly NodeMemory[];
  readonly plan: BootIsolation;
  readonly kernel: KernelAbilities;
  /** `/proc/cmdline`. */
  readonly commandLine: string;
  /** `/proc/irq/default_smp_affinity`; null where it cannot be read. */
  readonly interruptCpus: CpuSet | null;
  /** What the kernel said since it was booted; null where that cannot be read. */
  readonly log: readonly string[] | null;
}

export function judgeKernel(state: KernelState): readonly KernelProblem[] {
  return [
    ...judgeParameter('isolcpus', state),
    ...judgeParameter('nohz_full', state),
    ...judgeParameter('rcu_nocbs', state),
    ...judgeInterrupts(state),
    ...judgeCores(state),
    ...judgePools(state),
  ];
}

type CpuParameter = 'isolcpus' | 'nohz_full' | 'rcu_nocbs';

/** What the kernel says when it does not do what a parameter asks. */
const LOG: Readonly<Record<CpuParameter, RegExp>> = {
  isolcpus: /isolcpus: |Housekeeping: /,
  nohz_full: /Clearing \d+ from nohz_full range|Housekeeping: .*nohz/,
  rcu_nocbs: /Offload RCU callbacks from CPUs/,
};
const REFUSED = /nohz unsupported/;

function judgeParameter(parameter: CpuParameter, state: KernelState): readonly KernelProblem[] {
  const values = [...new Set(bootParameters(state.commandLine, parameter))];
  const [value] = values;
  if (value === undefined) return [];
  if (values.length > 1) return [{ kind: 'doubled', parameter, values }];
  const { topology, kernel } = state;
  const log = state.log?.find(line => LOG[parameter].test(line)) ?? null;
  const named = namedCpus(value, topology);
  const taken = takenCpus(parameter, value, state);
  const isUnsupported = parameter === 'nohz_full' && (kernel.nohzFull === false || (log !== null && REFUSED.test(log)));
  if (isUnsupported) return [{ kind: 'unsupported', parameter, log }];
  const boot = topology.online.first ?? (0 as CpuId);
  const asked = named.difference(cpuSet([boot]));
  // A list that names no CPU is one that the kernel refuses as a whole.
  const isShort = taken !== null && (named.isEmpty || !asked.isSubsetOf(taken));
  return [
    ...(named.has(boot) ? [{ kind: 'boot-cpu', parameter, cpus: taken ?? named, log } as const] : []),
    ...(isShort ? [{ kind: 'shortened', parameter, asked: named, taken, log } as const] : []),
  ];
}

const namedCpus = (value: string, { present }: HostTopology): CpuSet =>
  present.filter(cpu => namesCpu(value, cpu, present.ids.at(-1) ?? 0));

/** Null where it cannot be told. */
function takenCpus(parameter: CpuParameter, value: string, { topology, log }: KernelState): CpuSet | null {
  if (parameter === 'nohz_full') return topology.nohzFull;
  if (parameter === 'isolcpus') {
    const flags = isolationFlags(value);
    return flags.length === 0 || flags.includes('domain') ? topology.isolated : cpuSet();
  }
  const list = log?.map(line => /Offload RCU callbacks from CPUs: ([\d,-]+)\./.exec(line)?.[1]).find(Boolean);
  return list === undefined ? null : parseCpuList(list);
}

/** Berth itself narrows it further while guests have CPUs of their own. */
function judgeInterrupts({ commandLine, topology, interruptCpus }: KernelState): readonly KernelProblem[] {
  const values = [...new Set(bootParameters(commandLine, 'irqaffinity'))];
  const [value] = values;
  if (value === undefined) return [];
  if (values.length > 1) return [{ kind: 'doubled', parameter: 'irqaffinity', values }];
  const asked = namedCpus(value, topology);
  const taken = interruptCpus?.intersection(topology.present);
  if (taken === undefined || taken.isSubsetOf(asked)) return [];
  return [{ kind: 'shortened', parameter: 'irqaffinity', asked, taken, log: null }];
}

function judgeCores({ topology, plan }: KernelState): readonly KernelProblem[] {
  const { isolated, cores } = topology;
  const split = cores.filter(({ cpus }) => !cpus.isDisjointFrom(isolated) && !cpus.isSubsetOf(isolated));
  const open = plan.cpus.difference(isolated);
  return [
    ...(split.length === 0
      ? []
      : [
          {
            kind: 'open-siblings',
            cpus: unionOf(split.map(({ cpus }) => cpus.intersection(isolated))),
            siblings: unionOf(split.map(({ cpus }) => cpus.difference(isolated))),
          } as const,
        ]),
    ...(open.isEmpty ? [] : [{ kind: 'not-isolated', cpus: open } as const]),
  ];
}

function judgePools({ plan, memory, commandLine }: KernelState): readonly KernelProblem[] {
  const counts = bootParameters(commandLine, 'hugepages');
  return plan.parameters.flatMap(parameter => {
    if (parameter.name !== 'hugepages') return [];
    const isAsked = counts.some(count => parameter.words.includes(`hugepages=${count}`));
    return parameter.pools.flatMap(({ node, sizeKiB, pages }): KernelProblem[] => {
      const taken = memory.find(of => of.node === node)?.hugepages.get(sizeKiB)?.total ?? 0;
      return !isAsked || taken >= pages ? [] : [{ kind: 'pool-short', node, sizeKiB, asked: pages, taken }];
    });
  });
}
