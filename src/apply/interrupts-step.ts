// Moves interrupt vectors to other CPUs, and back those that are still where they were put.
import { encodeCpuMask } from '#domain/id-list.ts';
import type { CpuSet } from '#domain/id-set.ts';
import type { StepRecord, VectorCause } from '#domain/journal.ts';
import type { VectorMove } from '#domain/plan.ts';
import type { Host } from '#host/host.ts';
import { HostError } from '#host/host-error.ts';
import {
  FOR_NEW_PATH,
  moveInterrupt,
  noteFixedInterrupts,
  readForNewInterrupts,
  readInterruptCpus,
  readInterruptNames,
} from '#host/read-interrupts.ts';
import type { Progress } from './steps.ts';

type InterruptsRecord = Extract<StepRecord, { kind: 'interrupts' }>;

/** irqbalance, or whoever else moves them meanwhile, has a right to: what is no longer where we put it is left where it is. */
export function interruptsState({ vectors, forNew }: InterruptsRecord, host: Host): Progress {
  const now = readNow(vectors, host);
  const pairs = [
    ...vectors.flatMap(({ irq, before, after }) => ({ now: now.get(irq), before, after })),
    ...(forNew === null ? [] : [{ now: readForNewInterrupts(host), ...forNew }]),
  ].flatMap(({ now: there, ...pair }) => (there === undefined ? [] : [{ there, ...pair }]));
  if (pairs.length === 0) return 'gone';
  if (pairs.every(({ there, after }) => there.equals(after))) return 'after';
  return pairs.some(({ there, after }) => there.equals(after)) ? 'mixed' : 'before';
}

/** @returns the record with the vectors that stayed, and why. @throws HostError for what no vector's own nature explains. */
export function applyInterrupts(record: InterruptsRecord, host: Host): InterruptsRecord {
  const now = readNow(record.vectors, host);
  const stayed = record.vectors.flatMap(({ irq, name, before, after }) => {
    const there = now.get(irq);
    const cause = there === undefined ? 'gone' : there.equals(before) ? move(host, irq, after) : 'foreign';
    return cause === null ? [] : [{ irq, name, cause }];
  });
  noteFixedInterrupts(
    host,
    stayed.filter(({ cause }) => cause === 'fixed'),
  );
  if (record.forNew !== null && readForNewInterrupts(host).equals(record.forNew.before)) {
    const { after } = record.forNew;
    host.writeKernelFile(FOR_NEW_PATH, encodeCpuMask(after, (after.ids.at(-1) ?? 0) + 1));
  }
  return { ...record, stayed };
}

/** The reason of the kernel, in a word; null when it has moved. */
function move(host: Host, irq: number, cpus: CpuSet): VectorCause | null {
  try {
    moveInterrupt(host, irq, cpus);
    return null;
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    const causes: Partial<Record<HostError['reason'], VectorCause>> = {
      denied: 'fixed',
      missing: 'gone',
      refused: 'full',
    };
    const cause = causes[error.reason];
    if (cause === undefined) throw error;
    return cause;
  }
}

/** Of those that are there and still of the same driver: numbers are given again. */
function readNow(vectors: readonly VectorMove[], host: Host): ReadonlyMap<number, CpuSet> {
  const names = readInterruptNames(host);
  return new Map(
    vectors.flatMap(({ irq, name }) => {
      const cpus = names.get(irq) === name ? readInterruptCpus(host, irq) : null;
      return cpus === null ? [] : [[irq, cpus] as const];
    }),
  );
}
