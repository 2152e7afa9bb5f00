// What `npm run bench` writes, whatever was measured.
import { cpus, release, totalmem } from 'node:os';
import type { Shard } from './shard.ts';

export interface BenchResult {
  /** Numbers with their unit in the name. */
  readonly summary: Readonly<Record<string, number>>;
  readonly cases: readonly unknown[];
  /** SVG by name, for files beside the report. */
  readonly pictures?: ReadonlyMap<string, string>;
}

export interface BenchOptions {
  /** A part of the work, in less than a minute. */
  readonly quick: boolean;
  /** Only this part of the cases; null: all. */
  readonly shard: Shard | null;
  /** Cases of earlier reports, which need not be run again. */
  readonly known: readonly unknown[];
  /** Writes what there is so far to the file that was asked for. */
  readonly keep: (soFar: BenchResult) => void;
  /** Aborted by Ctrl-C: end soon, with what there is. */
  readonly stop: AbortSignal;
}

/** JSON text; the machine is in it, because times mean nothing without. */
export function encodeBenchReport(name: string, { summary, cases }: BenchResult): string {
  const machine = {
    cpu: cpus()[0]?.model ?? null,
    cpus: cpus().length,
    memoryMiB: Math.round(totalmem() / 2 ** 20),
    kernel: release(),
    node: process.version,
  };
  return `${JSON.stringify({ name, summary, cases, machine }, null, 2)}\n`;
}
