// Memory hotplug: a VM starts with a small static part, and the rest is plugged in as DIMMs.
import type { StartHost } from './start-host.ts';
import { type ConfigValues, countOrOne, isSet, perlNumber } from './start-values.ts';

const STATIC_MIB = 1024;
const LARGEST_MIB = 4 * 1024 * 1024;
/** DIMM sizes double after each group of so many. */
const GROUP = 32;
const GROUPS = 8;

export interface Dimm {
  readonly name: string;
  readonly sizeMiB: number;
  /** Guest NUMA node. */
  readonly node: number;
  /** Memory of the VM with this DIMM and all before it. */
  readonly totalMiB: number;
}

const usesGigabytePages = (values: ConfigValues): boolean =>
  isSet(values, 'hugepages') && perlNumber(values.get('hugepages') ?? '') === 1024;

/** What the VM starts with; the sockets of `smp:` do not count here. */
export function staticMemoryMiB(values: ConfigValues): number {
  return usesGigabytePages(values) ? STATIC_MIB * countOrOne(values, 'sockets') : STATIC_MIB;
}

/** The DIMMs that make up `memoryMiB`, to guest nodes in turn. The last one overshoots when the size does not fit. */
export function dimmsFor(values: ConfigValues, memoryMiB: number): readonly Dimm[] {
  const dimms: Dimm[] = [];
  const nodes = countOrOne(values, 'sockets');
  let totalMiB = staticMemoryMiB(values);
  let sizeMiB = usesGigabytePages(values) ? 1024 : 512;
  while (totalMiB < memoryMiB && dimms.length < GROUP * GROUPS) {
    const id = dimms.length;
    totalMiB += sizeMiB;
    dimms.push({ name: `dimm${id}`, sizeMiB, node: (id % GROUP) % nodes, totalMiB });
    if (dimms.length % GROUP === 0) sizeMiB *= 2;
  }
  return dimms;
}

/**
 * The most memory that a VM with hotplug may ever have, from the guest's physical address bits.
 * A custom CPU model counts like any other: what its own definition says about the bits is not looked at.
 */
export function largestMemoryMiB(cpu: string | undefined, host: StartHost): number {
  const parts = cpu?.split(',') ?? [];
  const model = parts.find(part => !part.includes('='))?.trim() ?? property(parts, 'cputype');
  const bits = configuredBits(property(parts, 'phys-bits'), host) ?? defaultBits(model, host);
  // Odd sizes count as the even one below; half of the space is left for QEMU's own use.
  return Math.min(2 ** (bits - (bits % 2) - 21), LARGEST_MIB);
}

function configuredBits(value: string | undefined, host: StartHost): number | null {
  if (value === undefined) return null;
  return value === 'host' ? host.physicalAddressBits : Number(value);
}

function defaultBits(model: string | undefined, host: StartHost): number {
  const hostBits = host.physicalAddressBits ?? 36;
  return model === 'host' || model === 'max' ? hostBits : Math.min(hostBits, 40);
}

function property(parts: readonly string[], key: string): string | undefined {
  return parts.find(part => part.startsWith(`${key}=`))?.slice(key.length + 1);
}
