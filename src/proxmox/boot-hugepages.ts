// Hugepages on the kernel's command line: what the kernel allocates, and what Proxmox takes that to be.

export interface BootHugepages {
  /** Pages that the kernel was asked for, on all nodes. */
  readonly asked: number;
  /** Pages that Proxmox leaves when a VM without `keephugepages` starts. */
  readonly kept: number;
}

const UNITS: Readonly<Record<string, number>> = { K: 1 / 1024, M: 1, G: 1024 };

/**
 * For pages of one size: `hugepagesz=1G hugepages=16` is 16 to both; `hugepages=0:8,1:8` is 16 to the kernel and 0 to Proxmox,
 * which also passes over `default_hugepagesz` and sizes other than `2M` and `1G` (kernel-parameters; `hugepages_default_nr_hugepages`
 * of qemu-server).
 */
export function readBootHugepages(commandLine: string, pageMiB: number): BootHugepages {
  const words = commandLine.split(/\s/);
  const defaultSize = words.flatMap(word => sizeOf(word, 'default_hugepagesz') ?? []).at(-1) ?? 2;
  let kernelSize = defaultSize;
  let proxmoxSize = 2;
  let asked = 0;
  let kept: number | null = null;
  for (const word of words) {
    kernelSize = sizeOf(word, 'hugepagesz') ?? kernelSize;
    if (word === 'hugepagesz=2M') proxmoxSize = 2;
    if (word === 'hugepagesz=1G') proxmoxSize = 1024;
    const count = /^hugepages=(.*)$/.exec(word)?.[1];
    if (count === undefined) continue;
    if (kernelSize === pageMiB) asked = sumPages(count);
    // The first that fits is taken.
    if (proxmoxSize === pageMiB && /^\d*$/.test(count)) kept ??= Number(count);
  }
  return { asked, kept: kept ?? 0 };
}

/** MiB of `hugepagesz=1G`; null for any other word. */
function sizeOf(word: string, name: string): number | null {
  const [, number, unit = ''] =
    /^(\d+)([KMG])$/i.exec(word.startsWith(`${name}=`) ? word.slice(name.length + 1) : '') ?? [];
  return number === undefined ? null : Number(number) * (UNITS[unit.toUpperCase()] ?? 1);
}

/** `16`, or by node `0:8,1:8`. */
function sumPages(count: string): number {
  return count.split(',').reduce((sum, entry) => sum + (Number(entry.split(':').at(-1)) || 0), 0);
}
