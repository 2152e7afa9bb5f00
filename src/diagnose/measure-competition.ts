// To whom a guest lost the time in which its vCPUs waited.

import type { Competition, Competitor } from '#domain/diagnosis.ts';
import { invariant } from '#domain/errors.ts';
import type { CpuTimesReading, SampledGuest } from '#domain/sampling.ts';
import { piecesOf } from './pieces.ts';
import { type Runner, sumRunNs, type WhoRan } from './who-ran.ts';

export interface CompetitionInput {
  readonly guest: SampledGuest;
  readonly looks: readonly CpuTimesReading[];
  readonly whoRan: WhoRan;
  /** Of its waits, the part that others and not its own CPU limit made. */
  readonly contendedPart: number;
  /** Time in which its vCPUs wanted a CPU. */
  readonly wantedNs: number;
}

/**
 * A wait is shared out among those that ran on that CPU meanwhile, in proportion. It is never longer than they ran: the rest of it
 * nobody made, as when a sleeping CPU has to wake first. The largest first.
 */
export function measureCompetition(input: CompetitionInput): readonly Competition[] {
  const { guest, looks, whoRan, contendedPart, wantedNs } = input;
  if (wantedNs === 0) return [];
  const lost = new Map<string, { readonly who: Competitor; ns: number }>();
  for (const thread of guest.threads.filter(({ role }) => role.kind === 'vcpu')) {
    for (const { slot, cpu, waitNs } of piecesOf(thread, looks)) {
      const others = whoRan(slot, cpu).filter(runner => runner.thread !== thread);
      const ranNs = sumRunNs(others);
      const lostNs = Math.min(waitNs * contendedPart, ranNs);
      if (lostNs <= 0) continue;
      for (const runner of others) {
        const who = seenBy(guest, runner);
        const key = keyOf(who);
        const entry = lost.get(key) ?? { who, ns: 0 };
        entry.ns += (lostNs * runner.runNs) / ranNs;
        lost.set(key, entry);
      }
    }
  }
  const competition = [...lost].map(([key, { who, ns }]) => ({ key, who, share: ns / wantedNs }));
  invariant(
    competition.every(({ share }) => share >= 0),
    'a competitor took less than nothing',
  );
  return competition
    .sort((a, b) => b.share - a.share || (a.key < b.key ? -1 : 1))
    .map(({ who, share }) => ({ who, share }));
}

const seenBy = ({ vmid }: SampledGuest, { owner, who }: Runner): Competitor =>
  owner === vmid ? { kind: 'itself' } : who;

function keyOf(who: Competitor): string {
  if (who.kind === 'guest') return `guest ${who.vmid}`;
  return who.kind === 'task' ? `task ${who.pid}` : who.kind;
}
