// A PCI device as the kernel shows it: what it is, who drives it, and which node it is near.
import type { CpuSet } from './id-set.ts';
import type { NumaNodeId } from './ids.ts';

export interface PciDevice {
  /** `0000:01:00.0`. */
  readonly address: string;
  /** Base class, subclass and programming interface, six hex digits: `020000` is an Ethernet controller. */
  readonly class: string;
  /** Four hex digits. */
  readonly vendor: string;
  readonly device: string;
  /** Null when no driver is bound, or when the kernel does not say, which is then reported. */
  readonly driver: string | null;
  /** Null where the firmware does not say, as on most machines with one node. */
  readonly node: NumaNodeId | null;
  /** Online CPUs that the kernel counts as near; null where it does not say. */
  readonly localCpus: CpuSet | null;
}
