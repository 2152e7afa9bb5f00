// `/proc/interrupts`: how many interrupts of devices each CPU has served.
import { ParseError } from '#domain/errors.ts';
import { type CpuId, cpuId } from '#domain/ids.ts';

/**
 * Sums over the numbered lines. Those with a name instead (`LOC`, `RES`, `TLB` …) are the scheduler's own and come wherever something runs.
 * Example: `           CPU0       CPU1`, then ` 24:      12345          0   PCI-MSI 524288-edge      nvme0q1`; only online CPUs have a column.
 */
export function parseInterrupts(text: string): ReadonlyMap<CpuId, number> {
  const [heading = '', ...lines] = text.split('\n');
  const columns = [...heading.matchAll(/CPU(\d+)/g)].map(([, number]) => cpuId(Number(number)));
  if (columns.length === 0) throw new ParseError('Cannot parse interrupts: the first line names no CPU');
  const sums = new Map<CpuId, number>(columns.map(cpu => [cpu, 0]));
  for (const line of lines) {
    const counts = /^\s*\d+:((?:\s+\d+)*)/.exec(line)?.[1];
    if (counts === undefined) continue;
    const numbers = counts.trim().split(/\s+/);
    for (const [column, cpu] of columns.entries()) sums.set(cpu, (sums.get(cpu) ?? 0) + Number(numbers[column] ?? 0));
  }
  return sums;
}

/** Number → the last word of its line: the driver's or queue's name. Lines without one are of interrupts that nobody listens to. */
export function parseInterruptNames(text: string): ReadonlyMap<number, string> {
  const columns = text.split('\n', 1)[0]?.match(/CPU\d+/g)?.length ?? 0;
  // Counts, the controller, its own number with the kind of trigger, and then the name; several names have a comma between them.
  if (columns === 0) return new Map();
  const line = new RegExp(`^ *(\\d+):(?: +\\d+){${columns}} +(.*)$`, 'gm');
  return new Map(
    [...text.matchAll(line)].flatMap(([, irq, rest = '']) => {
      const words = rest.trim().split(/\s+/);
      return words.length < 3 ? [] : [[Number(irq), words.at(-1) ?? ''] as const];
    }),
  );
}
