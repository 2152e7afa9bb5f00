// The files that rules look at beside the inventory: one line for each, read all at once by `host/read-doctor-view.ts`.
import type { SourceText } from '#domain/text-tree.ts';

/** A `*` stands for any part of one name: such an entry becomes the list of all files of that form. */
export const DOCTOR_FILES = {
  // What the kernel was booted with, and what it will be booted with next.
  commandLine: '/proc/cmdline',
  release: '/proc/sys/kernel/osrelease',
  kernelCommandLine: '/etc/kernel/cmdline',
  bootUuids: '/etc/kernel/proxmox-boot-uuids',
  grub: '/etc/default/grub',
  grubSnippets: '/etc/default/grub.d/*.cfg',

  // CPUs as the kernel treats them.
  online: '/sys/devices/system/cpu/online',
  offline: '/sys/devices/system/cpu/offline',
  isolated: '/sys/devices/system/cpu/isolated',
  nohzFull: '/sys/devices/system/cpu/nohz_full',
  smtControl: '/sys/devices/system/cpu/smt/control',
  haltPoll: '/sys/module/kvm/parameters/halt_poll_ns',
  watchdogCpus: '/proc/sys/kernel/watchdog_cpumask',
  watchdogHard: '/proc/sys/kernel/nmi_watchdog',
  watchdogSoft: '/proc/sys/kernel/soft_watchdog',
  workqueueCpus: '/sys/devices/virtual/workqueue/cpumask',
  frequencyDriver: '/sys/devices/system/cpu/cpu0/cpufreq/scaling_driver',
  governors: '/sys/devices/system/cpu/cpu*/cpufreq/scaling_governor',

  // Which CPUs serve devices, and who decides that.
  uptime: '/proc/uptime',
  interrupts: '/proc/interrupts',
  interruptCpus: '/proc/irq/*/effective_affinity_list',
  irqbalance: '/etc/default/irqbalance',
  irqbalanceBan: '/run/berth/irqbalance',

  // What moves or merges memory.
  ksmRun: '/sys/kernel/mm/ksm/run',
  ksmMergeAcrossNodes: '/sys/kernel/mm/ksm/merge_across_nodes',
  ksmPagesSharing: '/sys/kernel/mm/ksm/pages_sharing',
  ksmtuned: '/etc/ksmtuned.conf',
  ksmtunedEnabled: '/etc/systemd/system/multi-user.target.wants/ksmtuned.service',
  numaBalancing: '/proc/sys/kernel/numa_balancing',
  hugePagesEnabled: '/sys/kernel/mm/transparent_hugepage/enabled',
  hugePagesDefrag: '/sys/kernel/mm/transparent_hugepage/defrag',

  // Who may run where: slices, then what is in them.
  systemConf: '/etc/systemd/system.conf',
  systemConfSnippets: '/etc/systemd/system.conf.d/*.conf',
  cgroupV1Cpus: '/sys/fs/cgroup/cpuset/cpuset.cpus',
  rootEffective: '/sys/fs/cgroup/cpuset.cpus.effective',
  sliceCpus: '/sys/fs/cgroup/*/cpuset.cpus',
  sliceEffective: '/sys/fs/cgroup/*/cpuset.cpus.effective',
  slicePartition: '/sys/fs/cgroup/*/cpuset.cpus.partition',
  sliceExclusive: '/sys/fs/cgroup/*/cpuset.cpus.exclusive',
  sliceEvents: '/sys/fs/cgroup/*/cgroup.events',
  scopeCpus: '/sys/fs/cgroup/*/*/cpuset.cpus',
  scopeEffective: '/sys/fs/cgroup/*/*/cpuset.cpus.effective',
  scopePartition: '/sys/fs/cgroup/*/*/cpuset.cpus.partition',
  scopeExclusive: '/sys/fs/cgroup/*/*/cpuset.cpus.exclusive',
  scopeEvents: '/sys/fs/cgroup/*/*/cgroup.events',
  innerEffective: '/sys/fs/cgroup/qemu.slice/*/*/cpuset.cpus.effective',
  innerPartition: '/sys/fs/cgroup/qemu.slice/*/*/cpuset.cpus.partition',
  innerEvents: '/sys/fs/cgroup/qemu.slice/*/*/cgroup.events',
  agentEnabled: '/etc/systemd/system/multi-user.target.wants/berth.service',
  vmProcesses: '/sys/fs/cgroup/qemu.slice/*.scope/cgroup.procs',

  // The cluster, its storage, and what may start a guest elsewhere.
  datacenter: '/etc/pve/datacenter.cfg',
  corosync: '/etc/pve/corosync.conf',
  haResources: '/etc/pve/ha/resources.cfg',
  haRules: '/etc/pve/ha/rules.cfg',
  haGroups: '/etc/pve/ha/groups.cfg',
  haManager: '/etc/default/pve-ha-manager',
  storage: '/etc/pve/storage.cfg',
  replication: '/etc/pve/replication.cfg',
  pciMappings: '/etc/pve/mapping/pci.cfg',
  ceph: '/etc/pve/ceph.conf',
  zfsStatistics: '/proc/spl/kstat/zfs/arcstats',
  zfsPools: '/proc/spl/kstat/zfs/*/state',
  localSnippets: '/var/lib/vz/snippets/*',
  sharedSnippets: '/mnt/pve/*/snippets/*',
  hookChains: '/etc/pve/berth/hooks/*',
  publishedTopologies: '/etc/pve/berth/nodes/*/topology.json',
} as const satisfies Readonly<Record<string, `/${string}`>>;

type DoctorFiles = typeof DOCTOR_FILES;

/** Null for a file that is not there. */
export type DoctorTexts = {
  readonly [Name in keyof DoctorFiles]: DoctorFiles[Name] extends `${string}*${string}`
    ? readonly SourceText[]
    : SourceText | null;
};
