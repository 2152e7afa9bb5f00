// Host layers: settings of the kernel that make dedicated CPUs quieter, each asked for by a key of its own, off unless it is.
import type { CpuSet } from './id-set.ts';

/** What the policy asks for. A key that is not there: what it is about is left as it is. */
export interface HostLayers {
  /** Workers of unbound work queues, writeback among them: off dedicated CPUs. */
  readonly workqueues?: 'move';
  /** Kernel threads that the kernel lets somebody move. */
  readonly kernelThreads?: 'move';
  /** The detector of lock-ups. */
  readonly watchdog?: 'move';
  /** Timers of idle CPUs stay there instead of going to busy ones. */
  readonly timers?: 'stay';
  /** irqbalance, where it runs, gives no interrupt to a dedicated CPU. */
  readonly irqbalance?: 'ban';
  /** Governor and energy preference of dedicated CPUs while their guest runs. */
  readonly frequency?: 'performance';
  /** C-states of dedicated CPUs while their guest runs: none from which it takes longer than 2 µs to wake. */
  readonly idleStates?: 'shallow';
  readonly ksm?: 'perNode';
  readonly numaBalancing?: 'off';
  /** How long KVM waits for a halted vCPU before it lets its CPU sleep, in µs. */
  readonly haltPollingUs?: number;
  readonly transparentHugepages?: 'always' | 'madvise' | 'never';
}

export type LayerName = keyof HostLayers;

/** In the order in which they are set; undone the other way round. */
export const LAYERS = [
  'workqueues',
  'kernelThreads',
  'watchdog',
  'timers',
  'irqbalance',
  'frequency',
  'idleStates',
  'ksm',
  'numaBalancing',
  'haltPollingUs',
  'transparentHugepages',
] as const satisfies readonly LayerName[];

/** mask, list: CPUs, in either form of the kernel. word: a word or a number. banned: the list of CPUs that are kept from something. */
export type SettingForm = 'mask' | 'list' | 'word' | 'banned';

/** One setting as it is now. */
export interface KernelSetting {
  readonly layer: LayerName;
  /** Its file; of a kernel thread's mask `kthread:TID:NAME`. */
  readonly path: string;
  readonly form: SettingForm;
  readonly now: string;
  /** What it was before Berth first changed it since the host was started. */
  readonly found: string;
  /** The CPUs that it is about; null for the host as a whole. */
  readonly cpus: CpuSet | null;
}

/** A kernel thread that nobody can move. */
export interface BoundThread {
  readonly name: string;
  readonly allowed: CpuSet;
}

/** What was read of layers. */
export interface LayerState {
  readonly settings: readonly KernelSetting[];
  /** Empty when kernel threads are nobody's concern. */
  readonly boundThreads: readonly BoundThread[];
}

/** One setting, from what to what. */
export interface SettingMove {
  readonly path: string;
  readonly before: string;
  readonly after: string;
}

/** A kind of setting: its file, or its file for each CPU or each frequency policy. */
export interface SettingRule {
  readonly layer: LayerName;
  /** `*` stands for the number of a CPU or of a frequency policy. */
  readonly path: string;
  readonly form: SettingForm;
  /** What it is a setting of. Those of CPUs and policies hold while the guest of these CPUs runs. */
  readonly of: 'host' | 'cpu' | 'policy';
}

/** What irqbalance is told by us, as its unit reads it. */
export const IRQBALANCE_BAN = '/run/berth/irqbalance';
export const UNBOUND_WORKQUEUES = '/sys/devices/virtual/workqueue/cpumask';
export const MERGE_ACROSS_NODES = '/sys/kernel/mm/ksm/merge_across_nodes';
export const CPUFREQ = '/sys/devices/system/cpu/cpufreq';

/** All but the masks of kernel threads, which have no file. */
export const SETTING_RULES: readonly SettingRule[] = [
  { layer: 'workqueues', path: UNBOUND_WORKQUEUES, form: 'mask', of: 'host' },
  { layer: 'workqueues', path: '/sys/devices/virtual/workqueue/writeback/cpumask', form: 'mask', of: 'host' },
  { layer: 'watchdog', path: '/proc/sys/kernel/watchdog_cpumask', form: 'list', of: 'host' },
  { layer: 'timers', path: '/proc/sys/kernel/timer_migration', form: 'word', of: 'host' },
  { layer: 'irqbalance', path: IRQBALANCE_BAN, form: 'banned', of: 'host' },
  // Drivers that choose by themselves take another preference only while the governor is not `performance`: it comes first.
  { layer: 'frequency', path: `${CPUFREQ}/policy*/energy_performance_preference`, form: 'word', of: 'policy' },
  { layer: 'frequency', path: `${CPUFREQ}/policy*/scaling_governor`, form: 'word', of: 'policy' },
  {
    layer: 'idleStates',
    path: '/sys/devices/system/cpu/cpu*/power/pm_qos_resume_latency_us',
    form: 'word',
    of: 'cpu',
  },
  { layer: 'ksm', path: MERGE_ACROSS_NODES, form: 'word', of: 'host' },
  { layer: 'numaBalancing', path: '/proc/sys/kernel/numa_balancing', form: 'word', of: 'host' },
  { layer: 'haltPollingUs', path: '/sys/module/kvm/parameters/halt_poll_ns', form: 'word', of: 'host' },
  { layer: 'transparentHugepages', path: '/sys/kernel/mm/transparent_hugepage/enabled', form: 'word', of: 'host' },
];
