// Words that agree with how many they are about.
import { encodeIdList } from '#domain/id-list.ts';
import type { CpuSet } from '#domain/id-set.ts';
import { printable } from '../printable.ts';

/** `CPU 4`, `CPUs 4-7`. */
export const cpuWords = (cpus: CpuSet): string => `${cpus.size === 1 ? 'CPU' : 'CPUs'} ${encodeIdList(cpus)}`;

/** `hugepages=16 is`, `iommu=pt hugepages=16 are`. */
export const parametersAre = (parameters: readonly string[]): string =>
  `${parameters.map(printable).join(' ')} ${parameters.length === 1 ? 'is' : 'are'}`;
