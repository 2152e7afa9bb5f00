// Expectations about who may run on CPUs, and who does: kernel threads by their masks, everybody by the trace of context switches.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod/mini';
import { parseCpuList } from '#domain/id-list.ts';
import { cpuListValue } from './values.ts';
import { StepFailure, verb } from './verb.ts';

const TRACING = '/sys/kernel/tracing';
const kinds = z.optional(z.array(z.string()));

export const quietVerbs = {
  /** Kernel threads whose mask has one of these CPUs: all of `only`, and no others; or at least those that it `contains`. */
  'kernel-threads': verb(
    z.strictObject({ 'kernel-threads': cpuListValue, only: kinds, contains: kinds }),
    ({ 'kernel-threads': cpus, only, contains = [] }, { log }) => {
      const there = kernelThreadsOn(`${cpus}`);
      log([...there].join('\n'));
      expectKinds(there, { only, contains, doing: `may run on CPUs ${cpus}` });
    },
  ),

  /** Who is switched to on these CPUs for some seconds: nobody but `only`, and all that it `contains`. */
  switches: verb(
    z.strictObject({ switches: cpuListValue, seconds: z.number(), only: z.array(z.string()), contains: kinds }),
    async ({ switches: cpus, seconds, only, contains = [] }, { log }) => {
      const counts = await countSwitches(`${cpus}`, seconds);
      log([...counts].map(([name, count]) => `${count} ${name}`).join('\n'));
      const strangers = [...counts.keys()].filter(kind => !only.includes(kind));
      if (strangers.length > 0) throw new StepFailure(`There ran on CPUs ${cpus} also: ${strangers.join(', ')}`);
      expectKinds(new Set(counts.keys()), { only: undefined, contains, doing: `ran on CPUs ${cpus}` });
    },
  ),
};

function expectKinds(
  there: ReadonlySet<string>,
  { only, contains, doing }: { only: readonly string[] | undefined; contains: readonly string[]; doing: string },
): void {
  const missing = [...contains, ...(only ?? [])].filter(kind => !there.has(kind));
  if (missing.length > 0) throw new StepFailure(`None of these ${doing}: ${missing.join(', ')}`);
  const strangers = only === undefined ? [] : [...there].filter(kind => !only.includes(kind));
  if (strangers.length > 0) throw new StepFailure(`There also ${doing}: ${strangers.join(', ')}`);
}

/** `ksoftirqd/4` is one of a kind, and a worker changes its name with its work. */
const kindOf = (name: string): string =>
  name
    .replace(/^kworker\/(u|R|)[^/]*$/, 'kworker/$1*')
    .replace(/\/\d+$/, '/*')
    .replace(/^kworker\/\d.*$/, 'kworker/*');

function kernelThreadsOn(cpus: string): ReadonlySet<string> {
  const wanted = parseCpuList(cpus);
  const names = readdirSync('/proc').flatMap(pid => {
    const status = /^\d+$/.test(pid) ? readOrNothing(`/proc/${pid}/status`) : '';
    const [, name = ''] = /^Name:\t(.*)$/m.exec(status) ?? [];
    const [, allowed = ''] = /^Cpus_allowed_list:\t(.*)$/m.exec(status) ?? [];
    const isKernel = pid === '2' || /^PPid:\t2$/m.test(status);
    return isKernel && !parseCpuList(allowed).isDisjointFrom(wanted) ? [kindOf(name)] : [];
  });
  return new Set(names.sort());
}

/** The events are on since the kernel booted; idling is nobody. */
async function countSwitches(cpus: string, seconds: number): Promise<ReadonlyMap<string, number>> {
  const write = (file: string, text: string) => writeFileSync(`${TRACING}/${file}`, text);
  const everywhere = readFileSync(`${TRACING}/tracing_cpumask`, 'latin1');
  const mask = parseCpuList(cpus).ids.reduce((bits, cpu) => bits + 2 ** cpu, 0);
  write('tracing_cpumask', mask.toString(16));
  write('trace', '');
  write('tracing_on', '1');
  try {
    await sleep(seconds * 1000);
    write('tracing_on', '0');
    const counts = new Map<string, number>();
    for (const [, name = '', pid] of readFileSync(`${TRACING}/trace`, 'latin1').matchAll(
      /sched_switch: .* ==> next_comm=(.*) next_pid=(\d+) /g,
    )) {
      const kind = kindOf(name);
      if (pid !== '0') counts.set(kind, (counts.get(kind) ?? 0) + 1);
    }
    return new Map([...counts].sort(([, a], [, b]) => b - a));
  } finally {
    write('tracing_on', '0');
    write('tracing_cpumask', everywhere);
    write('trace', '');
  }
}

function readOrNothing(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
