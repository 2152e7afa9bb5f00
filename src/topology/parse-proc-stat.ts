// `/proc/PID/stat` and `/proc/PID/task/TID/stat`: when it started, where it last ran (proc_pid_stat(5)).
import { ParseError } from '#domain/errors.ts';
import { type CpuId, cpuId } from '#domain/ids.ts';

export interface ProcStat {
  /** Field 2: for people only. */
  readonly comm: string;
  /** Field 22, clock ticks since boot. */
  readonly startTime: number;
  /** Field 39. */
  readonly lastCpu: CpuId;
}

/** Example: `4242 (CPU 0/KVM) S 1 … 190233 …`. The name may itself hold spaces and parentheses, so the last `)` ends it. */
export function parseProcStat(text: string): ProcStat {
  const [, comm = '', rest = ''] = /^\d+ \((.*)\)\s+(.*)$/s.exec(text) ?? [];
  // The field after the name is number 3.
  const fields = rest.split(/\s+/);
  const startTime = fields[22 - 3];
  const lastCpu = fields[39 - 3];
  if (!isNumber(startTime) || !isNumber(lastCpu)) {
    throw new ParseError(
      `Cannot parse process stat "${text.trim().slice(0, 80)}": fields 22 and 39 are not both there`,
    );
  }
  return { comm, startTime: Number(startTime), lastCpu: cpuId(Number(lastCpu)) };
}

const isNumber = (field = ''): boolean => /^\d+$/.test(field);
