// `/proc/PID/task/TID/status`: the CPUs that a thread may use.
import { ParseError } from '#domain/errors.ts';
import { parseCpuList } from '#domain/id-list.ts';
import type { CpuSet } from '#domain/id-set.ts';

/** Example line: `Cpus_allowed_list:	0-3,8`. */
export function parseAllowedCpus(text: string): CpuSet {
  const list = /^Cpus_allowed_list:[ \t]*(\S+)$/m.exec(text)?.[1];
  if (list === undefined) throw new ParseError('Cannot parse process status: it has no Cpus_allowed_list');
  return parseCpuList(list);
}
