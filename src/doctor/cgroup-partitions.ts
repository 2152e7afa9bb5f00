// The cpuset partitions below the root of the cgroups: whether they hold, whether anybody is in them, and the CPUs that they take.
import { type CpuSet, cpuSet } from '#domain/id-set.ts';
import type { SourceText } from '#domain/text-tree.ts';
import type { DoctorTexts } from './doctor-files.ts';
import { listedCpus } from './listed-cpus.ts';

export interface Partition {
  /** Below `/sys/fs/cgroup`. */
  readonly cgroup: string;
  readonly source: SourceText;
  /** Why the kernel does not make it one, in its own words; null for one that holds. */
  readonly invalid: string | null;
  /** Null when it cannot be told. */
  readonly populated: boolean | null;
  readonly cpus: CpuSet;
}

const ROOT = '/sys/fs/cgroup/';

/** `qemu.slice/101.scope` of the path of a file in that cgroup. */
export const cgroupOf = ({ file }: SourceText): string => file.slice(ROOT.length, file.lastIndexOf('/'));

/** Such as `isolated`, or `isolated invalid (Parent is not a partition root)`; most cgroups say `member`. */
const PARTITION = /^(?:isolated|root)( invalid(?: \((.*)\))?)?\s*$/;

export function findPartitions(texts: DoctorTexts): readonly Partition[] {
  const levels = [
    { sources: texts.slicePartition, events: texts.sliceEvents, effective: texts.sliceEffective },
    { sources: texts.scopePartition, events: texts.scopeEvents, effective: texts.scopeEffective },
    { sources: texts.innerPartition, events: texts.innerEvents, effective: texts.innerEffective },
  ];
  return levels.flatMap(({ sources, events, effective }) =>
    sources.flatMap(source => {
      const match = PARTITION.exec(source.text);
      if (match === null) return [];
      const cgroup = cgroupOf(source);
      const inCgroup = (other: SourceText) => cgroupOf(other) === cgroup;
      const cpus = effective.find(inCgroup);
      const populated = /^populated ([01])$/m.exec(events.find(inCgroup)?.text ?? '')?.[1];
      return [
        {
          cgroup,
          source,
          invalid: match[1] === undefined ? null : (match[2] ?? ''),
          populated: populated === undefined ? null : populated === '1',
          cpus: (cpus && listedCpus(cpus)) ?? cpuSet(),
        },
      ];
    }),
  );
}
