// Which CPUs there are, which are online, isolated and tickless: `/sys/devices/system/cpu`.
import { ParseError } from '#domain/errors.ts';
import { parseCpuList } from '#domain/id-list.ts';
import { type CpuSet, cpuSet } from '#domain/id-set.ts';
import type { CpuId } from '#domain/ids.ts';
import { numberedEntries, type SysfsReader } from './sysfs-reader.ts';

export const CPU_ROOT = '/sys/devices/system/cpu';

export interface CpuStates {
  readonly present: CpuSet;
  readonly online: CpuSet;
  readonly isolated: CpuSet;
  readonly nohzFull: CpuSet;
}

/** `Documentation/admin-guide/cputopology.rst`. Kernels before 2.6.26 have no lists: there the directories and `cpuN/online` tell. */
export function parseCpuStates(reader: SysfsReader): CpuStates {
  const listed = reader.cpuList(`${CPU_ROOT}/online`);
  const present = reader.cpuList(`${CPU_ROOT}/present`) ?? cpuDirectories(reader).union(listed ?? cpuSet());
  const online = listed ?? present.filter(cpu => !isSwitchedOff(reader, cpu));
  if (online.isEmpty) throw new ParseError('No CPU is online', { file: `${CPU_ROOT}/online` });
  if (!online.isSubsetOf(present)) reader.note(`${CPU_ROOT}/present`, 'lacks CPUs that are online');
  return { present: present.union(online), online, isolated: isolatedCpus(reader), nohzFull: nohzFullCpus(reader) };
}

const cpuDirectories = (reader: SysfsReader): CpuSet => cpuSet(numberedEntries(reader.list(CPU_ROOT), 'cpu'));

/** Only a plain 0 is off: CPUs that cannot be switched have no such file, and old kernels refuse to read it. */
const isSwitchedOff = (reader: SysfsReader, cpu: CpuId): boolean =>
  reader.text(`${CPU_ROOT}/cpu${cpu}/online`)?.trim() === '0';

function isolatedCpus(reader: SysfsReader): CpuSet {
  const path = `${CPU_ROOT}/isolated`;
  const isolated = reader.cpuList(path);
  if (isolated === null) reader.note(path, 'not shown by this kernel: isolated CPUs are not known');
  return isolated ?? cpuSet();
}

/** Absent on kernels without tickless CPUs, `(null)` on those that could but do not. */
function nohzFullCpus(reader: SysfsReader): CpuSet {
  const parse = (text: string): CpuSet => parseCpuList(text.trim() === '(null)' ? '' : text);
  return reader.parse(`${CPU_ROOT}/nohz_full`, parse) ?? cpuSet();
}
