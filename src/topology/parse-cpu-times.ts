// `/proc/stat`: what each CPU has done since boot (proc_stat(5)).
import { ParseError } from '#domain/errors.ts';
import { type CpuId, cpuId } from '#domain/ids.ts';
import type { CpuTimes } from '#domain/sampling.ts';

/** The kernel shows USER_HZ, which is 100 on every machine that Proxmox runs on. */
const TICK_MS = 10;

/** user nice system idle iowait irq softirq; what follows is not needed, since guest time is within user. */
const LINE = /^cpu(\d+) (\d+) (\d+) (\d+) (\d+) (\d+) (\d+) (\d+)(?: \d+)*$/;

/** Example line: `cpu3 10132153 290696 3084719 46828483 16683 0 25195 0 0 0`. Offline CPUs have none. */
export function parseCpuTimes(text: string): ReadonlyMap<CpuId, CpuTimes> {
  const lines = text.split('\n').filter(line => /^cpu\d/.test(line));
  if (lines.length === 0) throw new ParseError('Cannot parse CPU times: there is no line of a CPU');
  return new Map(lines.map(parseLine));
}

function parseLine(line: string): [CpuId, CpuTimes] {
  const match = LINE.exec(line);
  if (match === null) throw new ParseError(`Cannot parse CPU times "${line}": expected seven numbers at least`);
  const [cpu = 0, user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0] = match
    .slice(1)
    .map(Number);
  return [
    cpuId(cpu),
    {
      tasksMs: (user + nice + system) * TICK_MS,
      interruptsMs: (irq + softirq) * TICK_MS,
      idleMs: (idle + iowait) * TICK_MS,
    },
  ];
}
