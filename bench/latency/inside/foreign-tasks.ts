// Who else ran on a CPU, by the kernel's own trace of every context switch there; owes nothing to Berth.
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';

const INSTANCE = '/sys/kernel/tracing/instances/foreign';
const SWITCH_TO = /: sched_switch: .* ==> next_comm=(.*) next_pid=(\d+) next_prio=-?\d+$/;

export class ForeignTasks {
  readonly #cpu: number;

  constructor(cpu: number) {
    this.#cpu = cpu;
    mkdirSync(INSTANCE);
    write('tracing_on', '0');
    write('buffer_size_kb', '8192');
    write('tracing_cpumask', (1 << cpu).toString(16));
    write('events/sched/sched_switch/enable', '1');
  }

  begin(): void {
    write('trace', '');
    write('tracing_on', '1');
  }

  end(): void {
    write('tracing_on', '0');
  }

  /** Names of all tasks that ran but the idle one, those of process `own`, and kernel threads that are bound to this CPU. @throws Error when events were overwritten. */
  list(own: number): readonly string[] {
    const stats = readFileSync(`${INSTANCE}/per_cpu/cpu${this.#cpu}/stats`, 'latin1');
    if (!/^overrun: 0$/m.test(stats)) throw new Error(`The trace of CPU ${this.#cpu} ran over: ${stats}`);
    const seen = new Map<number, string>();
    for (const line of readFileSync(`${INSTANCE}/trace`, 'latin1').split('\n')) {
      const [, name, tid] = SWITCH_TO.exec(line) ?? [];
      if (name !== undefined) seen.set(Number(tid), name);
    }
    const isForeign = ([tid, name]: readonly [number, string]) =>
      tid !== 0 && !existsSync(`/proc/${own}/task/${tid}`) && !isBound(tid, name, this.#cpu);
    return [...seen]
      .filter(isForeign)
      .map(([, name]) => name)
      .sort();
  }

  close(): void {
    rmdirSync(INSTANCE);
  }
}

function write(file: string, text: string): void {
  writeFileSync(`${INSTANCE}/${file}`, text);
}

const PF_KTHREAD = 0x0020_0000;

/** ksoftirqd/1, kworker/1:2 and their like; of one that has ended, its name has to do. */
function isBound(tid: number, name: string, cpu: number): boolean {
  try {
    const fields = readFileSync(`/proc/${tid}/stat`, 'latin1')
      .replace(/^.*\) /s, '')
      .split(' ');
    const mask = /^Cpus_allowed_list:\t(.*)$/m.exec(readFileSync(`/proc/${tid}/status`, 'latin1'))?.[1];
    return (Number(fields[6]) & PF_KTHREAD) !== 0 && mask === `${cpu}`;
  } catch {
    return new RegExp(`^kworker/${cpu}:`).test(name);
  }
}
