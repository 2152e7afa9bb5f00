// Which boot loader starts this host, and the kernel parameters that are written for it and for the other one.
import type { SourceText } from '#domain/text-tree.ts';
import { bootWords, type WrittenWord } from './boot-words.ts';
import { type GrubWords, readGrubWords } from './grub-words.ts';

/** Who starts a kernel, wherever its configuration comes from. */
export type BootProgram = 'grub' | 'systemd-boot';

/** The files that say how a host is started; null for one that is not there. */
export interface BootTexts {
  /** `/proc/cmdline`. */
  readonly commandLine: SourceText | null;
  /** `/etc/kernel/cmdline`. */
  readonly kernelCommandLine: SourceText | null;
  /** `/etc/kernel/proxmox-boot-uuids`. */
  readonly bootUuids: SourceText | null;
  /** `/etc/default/grub`, and `grub.d/*.cfg` below it in the order in which they are read. */
  readonly grub: SourceText | null;
  readonly grubSnippets: readonly SourceText[];
}

/** GRUB puts `BOOT_IMAGE=` before what it passes on, systemd-boot the path of the initrd. Null: another loader, or none that can be told. */
export function startedBy(commandLine: string): { readonly by: BootProgram; readonly word: string } | null {
  for (const word of bootWords(commandLine)) {
    if (word.startsWith('BOOT_IMAGE=')) return { by: 'grub', word };
    if (/^initrd=\\EFI\\/i.test(word)) return { by: 'systemd-boot', word };
  }
  return null;
}

/** The same, where systemd-boot counts only with partitions that proxmox-boot-tool fills: others do not read `/etc/kernel/cmdline`. */
export function bootLoaderOf({ commandLine, bootUuids }: BootTexts): BootProgram | null {
  const by = startedBy(commandLine?.text ?? '')?.by ?? null;
  const hasPartitions = (bootUuids?.text.trim() ?? '') !== '';
  return by === 'systemd-boot' && !hasPartitions ? null : by;
}

/** What GRUB will pass to the kernel when its configuration is next made, and what a later line took away again. */
export const grubWords = ({ grub, grubSnippets }: BootTexts): GrubWords =>
  readGrubWords(grub === null ? grubSnippets : [grub, ...grubSnippets]);

/** `/etc/kernel/cmdline`: systemd-boot gets its first line, nobody the others. */
export function kernelLineWords({ kernelCommandLine }: BootTexts): {
  readonly first: readonly WrittenWord[];
  readonly later: readonly WrittenWord[];
} {
  if (kernelCommandLine === null) return { first: [], later: [] };
  const source = kernelCommandLine;
  const words = source.text
    .split('\n')
    .flatMap((text, index) => bootWords(text).map(word => ({ word, source, line: index + 1 })));
  return { first: words.filter(({ line }) => line === 1), later: words.filter(({ line }) => line > 1) };
}

/** Parameters that change what guests get: CPUs, memory, devices. Others, such as `root=` and `quiet`, are nobody's wish for guests. */
const GUEST_PARAMETERS = new Set([
  ...['isolcpus', 'nohz_full', 'nohz', 'rcu_nocbs', 'rcu_nocb_poll', 'irqaffinity', 'kthread_cpus', 'skew_tick'],
  ...['nosmt', 'maxcpus', 'nr_cpus', 'idle', 'mitigations', 'intel_idle.max_cstate', 'processor.max_cstate'],
  ...['intel_pstate', 'amd_pstate', 'nmi_watchdog', 'nosoftlockup', 'tsc', 'clocksource'],
  ...['hugepages', 'hugepagesz', 'default_hugepagesz', 'transparent_hugepage', 'numa', 'numa_balancing'],
  ...['iommu', 'intel_iommu', 'amd_iommu', 'pcie_acs_override', 'vfio-pci.ids', 'initcall_blacklist'],
  ...['systemd.unified_cgroup_hierarchy'],
]);

/** The part of a word before its value: `isolcpus` of `isolcpus=4-7`. */
export const parameterName = (word: string): string => word.split('=', 1)[0] ?? word;

export const isGuestParameter = (word: string): boolean => GUEST_PARAMETERS.has(parameterName(word));
