// Interrupts that move, and those that do not, in words.
import { encodeIdList } from '#domain/id-list.ts';
import type { JournalEntry, VectorCause } from '#domain/journal.ts';
import type { Change, VectorMove } from '#domain/plan.ts';
import type { Paint } from './paint.ts';
import { printable } from './printable.ts';

/** Vectors that go the same way are one line: a host has hundreds. */
export function renderInterruptChange(
  { vmid, vectors, forNew }: Extract<Change, { kind: 'interrupts' }>,
  paint: Paint,
): string[] {
  const ways = new Map<string, VectorMove[]>();
  for (const vector of vectors) {
    const way = `${paint.bad(encodeIdList(vector.before))} → ${paint.good(encodeIdList(vector.after))}`;
    ways.set(way, [...(ways.get(way) ?? []), vector]);
  }
  const what = vmid === null ? "the host's devices" : `VM ${vmid}'s passthrough devices`;
  return [
    `  interrupts of ${what}`,
    ...[...ways].map(([way, some]) => `    ${way}  ${nameSome(some.map(({ name }) => name))}`),
    ...(forNew === null
      ? []
      : [`    ${paint.bad(encodeIdList(forNew.before))} → ${paint.good(encodeIdList(forNew.after))}  those to come`]),
  ];
}

/** Of the steps that were made: what stayed, and why. */
export function renderStayedInterrupts({ steps }: JournalEntry, paint: Paint): string[] {
  return steps.flatMap(({ record }) => {
    if (record.kind !== 'interrupts') return [];
    const causes = [...new Set(record.stayed.map(({ cause }) => cause))];
    return causes.map(cause => {
      const names = record.stayed.filter(vector => vector.cause === cause).map(({ name }) => name);
      return `  ${paint.warn('stayed')} ${nameSome(names)}: ${STAYED[cause]}`;
    });
  });
}

const STAYED: Readonly<Record<VectorCause, string>> = {
  fixed: 'the kernel places these interrupts itself (managed: a queue for each CPU)',
  gone: 'these interrupts are gone, and their devices or drivers with them',
  foreign: 'somebody else has moved these interrupts meanwhile',
  full: 'their new CPUs serve as many interrupts as they can',
};

const MOST_NAMES = 6;

/** `nvme0q1, nvme0q2 and 30 more`. */
export function nameSome(names: readonly string[]): string {
  const some = names.slice(0, MOST_NAMES).map(printable).join(', ');
  return names.length > MOST_NAMES ? `${some} and ${names.length - MOST_NAMES} more` : some;
}
