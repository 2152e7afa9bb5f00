// Host layers in words: what each does, what it costs, and what of it changes or stayed.

import type { LayerName, SettingMove } from '#domain/host-layer.ts';
import { encodeIdList, parseCpuMask } from '#domain/id-list.ts';
import { cpuSet } from '#domain/id-set.ts';
import type { JournalEntry, SettingCause } from '#domain/journal.ts';
import { parseKernelThreadPath, settingKind } from '#domain/kernel-setting.ts';
import type { Change } from '#domain/plan.ts';
import { nameSome } from './interrupts-text.ts';
import type { Paint } from './paint.ts';
import { printable } from './printable.ts';

interface LayerWords {
  readonly does: string;
  readonly costs: string;
  /** What a host lacks that has none of its settings. */
  readonly without: string;
}

export const LAYER_WORDS: Readonly<Record<LayerName, LayerWords>> = {
  workqueues: {
    does: 'work that the kernel puts off is done by the CPUs that are left',
    costs: 'writeback and clean-up of the whole host share fewer CPUs',
    without: 'no mask of unbound work queues',
  },
  kernelThreads: {
    does: 'kernel threads that may be moved leave dedicated CPUs',
    costs: 'RCU, reclaim, compaction and storage threads share the CPUs that are left, near their memory or not',
    without: 'no kernel threads that may be moved',
  },
  watchdog: {
    does: 'the watchdog no longer interrupts dedicated CPUs',
    costs: 'nobody notices when the kernel locks up on one of them',
    without: 'a kernel without a lock-up watchdog',
  },
  timers: {
    does: 'timers of idle CPUs are no longer handed to busy ones',
    costs: 'idle CPUs wake for their own timers, and so save less power',
    without: 'a kernel without timer migration',
  },
  irqbalance: {
    does: 'irqbalance, started again, gives no interrupt to dedicated CPUs',
    costs: 'interrupts are balanced over fewer CPUs',
    without: 'irqbalance does not run',
  },
  frequency: {
    does: 'dedicated CPUs run at full speed while their guest runs',
    costs: 'power and heat also while the guest idles, and less turbo for the others',
    without: 'no cpufreq driver with a governor `performance`, as in most VMs',
  },
  idleStates: {
    does: 'dedicated CPUs sleep no deeper than C1 while their guest runs',
    costs: 'power and heat while the guest idles, and less turbo for the others',
    without: 'no power management of CPUs',
  },
  ksm: {
    does: 'KSM no longer merges pages of different NUMA nodes',
    costs: 'what is merged across nodes by now is separated, and takes memory again',
    without: 'a kernel without KSM, or a host with one NUMA node',
  },
  numaBalancing: {
    does: 'the kernel no longer unmaps memory to see who uses it',
    costs: 'memory of guests that are not placed is not moved after their threads any more',
    without: 'a kernel without automatic NUMA balancing, or a host with one NUMA node',
  },
  haltPollingUs: {
    does: 'KVM waits that long for a halted vCPU before its CPU may sleep',
    costs: 'of all guests: longer takes power and the sibling thread, shorter lengthens wake-ups',
    without: 'KVM is not loaded',
  },
  transparentHugepages: {
    does: 'who gets huge pages without asking for a pool',
    costs:
      'of the whole host: `never` makes guests without hugepages slower, `always` makes the kernel search for them',
    without: 'a kernel without transparent hugepages',
  },
};

/** Settings that go the same way are one line: a host has hundreds of CPUs and kernel threads. */
export function renderLayerChange({ layer, settings }: Extract<Change, { kind: 'layer' }>, paint: Paint): string[] {
  const ways = new Map<string, string[]>();
  for (const move of settings) {
    const way = `${paint.bad(settingText(move, 'before'))} → ${paint.good(settingText(move, 'after'))}`;
    ways.set(way, [...(ways.get(way) ?? []), move.path]);
  }
  const { does, costs } = LAYER_WORDS[layer];
  return [
    `  host layer ${layer}, until the next boot: ${does}`,
    paint.dim(`    costs: ${costs}`),
    ...[...ways].map(([way, paths]) => `    ${way}  ${nameSettings(paths)}`),
  ];
}

/** Of the steps that were made: what stayed, and why. */
export function renderStayedSettings({ steps }: JournalEntry, paint: Paint): string[] {
  return steps.flatMap(({ record }) => {
    if (record.kind !== 'layer') return [];
    const causes = [...new Set(record.stayed.map(({ cause }) => cause))];
    return causes.map(cause => {
      const paths = record.stayed.filter(setting => setting.cause === cause).map(({ path }) => path);
      return `  ${paint.warn('stayed')} ${nameSettings(paths)}: ${STAYED[cause]}`;
    });
  });
}

const STAYED: Readonly<Record<SettingCause, string>> = {
  fixed: 'the kernel lets nobody move these threads',
  gone: 'they are gone',
  foreign: 'somebody else has changed them meanwhile',
};

/** A mask as the list that it stands for. */
function settingText({ path, ...move }: SettingMove, side: 'before' | 'after'): string {
  const text = move[side];
  const form = settingKind(path)?.form;
  if (form === 'mask') return encodeIdList(parseCpuMask(text));
  return text === '' ? 'none' : printable(text);
}

/** `kthreadd, kswapd0`, `scaling_governor of policies 4-7`: one word for all CPUs, and for all frequency policies. */
export function nameSettings(paths: readonly string[]): string {
  const names = new Map<string, number[]>();
  for (const path of paths) {
    const [, kind, number, name] = /\/(cpu|policy)(\d+)\/(?:power\/)?(\w+)$/.exec(path) ?? [];
    const of = kind === undefined ? nameSetting(path) : `${name} of ${kind === 'cpu' ? 'CPUs' : 'policies'}`;
    names.set(of, [...(names.get(of) ?? []), ...(number === undefined ? [] : [Number(number)])]);
  }
  return nameSome([...names].map(([of, numbers]) => [of, encodeIdList(cpuSet(numbers))].join(' ').trim()));
}

/** `kswapd0` of a thread, else the last two names of a path. */
function nameSetting(path: string): string {
  const thread = parseKernelThreadPath(path);
  return thread?.name ?? path.split('/').slice(-2).join('/');
}
