// What a latency file from elsewhere holds, whatever tool wrote it.
import { ParseError } from '#domain/errors.ts';

/** One latency, or the middle of a narrow range of them, and how often it was seen. */
export interface LatencyBin {
  readonly us: number;
  readonly count: number;
}

/** What was counted together: a whole run of cyclictest, or one interval of a log. */
export interface ImportedBlock {
  /** Seconds after the first block; null where the file does not say. */
  readonly startS: number | null;
  readonly seconds: number | null;
  /** Ascending, counts above 0. */
  readonly bins: readonly LatencyBin[];
  /** Values above every bin, of which only the count is known, and that none exceeds `maxUs`. */
  readonly beyond: number;
  readonly maxUs: number;
}

/** One thread of cyclictest, or one tag of a log. */
export interface ImportedSeries {
  readonly name: string;
  /** The CPU on which it was measured, as its own system numbers them; null where the file does not say. */
  readonly cpu: number | null;
  readonly blocks: readonly ImportedBlock[];
}

export interface ImportedRun {
  readonly source: 'cyclictest' | 'hdr-log';
  /** The command that made it; null where the file does not say. */
  readonly command: string | null;
  readonly series: readonly ImportedSeries[];
}

export type LatencyUnit = 'ns' | 'us' | 'ms';

export const MICROSECONDS: Readonly<Record<LatencyUnit, number>> = { ns: 0.001, us: 1, ms: 1000 };

export interface ImportOptions {
  /** For messages. */
  readonly file: string;
  /** Of the values in the file, where it does not say; without it each format's usual one. */
  readonly unit?: LatencyUnit;
}

export const countBins = (bins: readonly LatencyBin[]): number => bins.reduce((sum, { count }) => sum + count, 0);

export function failAt(file: string, line: number | null, reason: string, options?: ErrorOptions): never {
  throw new ParseError(reason, line === null ? { file } : { file, line }, options);
}
