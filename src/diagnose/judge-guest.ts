// What a guest's measures mean: everything that it loses, the worst first.
import type { GuestMeasure, HostLoad, Verdict, VerdictKind } from '#domain/diagnosis.ts';
import {
  AWAY_SHARE,
  CROSSINGS_PER_S,
  FULL_SHARE,
  REMOTE_MIB,
  REMOTE_SHARE,
  THROTTLED_SHARE,
  WAIT_SHARE,
  WANTED_SHARE,
} from './thresholds.ts';

/** Never empty. Losses of CPU come first, by size; then memory, then wandering, whose shares are of other things. */
export function judgeGuest(measure: GuestMeasure, host: HostLoad): readonly Verdict[] {
  const helpers = judgeHelpers(measure);
  if (isIdle(measure) && helpers.length === 0) return [{ kind: 'idle-nothing-to-see', share: 0 }];
  const starved = judgeCompetition(measure);
  const cpu = [...starved, ...judgeLimit(measure)].sort((a, b) => b.share - a.share);
  const losses = [...judgeHost(starved, host), ...cpu, ...helpers, ...judgeMemory(measure), ...judgeMoves(measure)];
  return losses.length > 0 ? losses : [{ kind: 'fine', share: 0 }];
}

const isIdle = ({ vcpus }: GuestMeasure): boolean =>
  vcpus.every(({ runShare, waitShare }) => wantedShare(runShare, waitShare) < WANTED_SHARE);

/** Of the time: what it ran and what it waited. A vCPU that only waited wanted a CPU all along. */
const wantedShare = (runShare: number, waitShare: number): number => (waitShare === 1 ? 1 : runShare / (1 - waitShare));

/** When many small ones together take what none of them does alone, the largest stands for all. */
function judgeCompetition({ competition }: GuestMeasure): readonly Verdict[] {
  const taken = (kinds: readonly string[]) =>
    competition.reduce((sum, { who, share }) => sum + (kinds.includes(who.kind) ? share : 0), 0);
  const all: Verdict[] = [
    { kind: 'starved-by-guest', share: taken(['guest']) },
    { kind: 'starved-by-host-tasks', share: taken(['task', 'unseen']) },
    { kind: 'starved-by-itself', share: taken(['itself']) },
  ];
  const total = all.reduce((sum, { share }) => sum + share, 0);
  if (total < WAIT_SHARE) return [];
  const large = all.filter(({ share }) => share >= WAIT_SHARE);
  return large.length > 0 ? large : all.sort((a, b) => b.share - a.share).slice(0, 1);
}

function judgeLimit({ throttledShare }: GuestMeasure): readonly Verdict[] {
  return throttledShare !== null && throttledShare >= THROTTLED_SHARE
    ? [{ kind: 'throttled-by-limit', share: throttledShare }]
    : [];
}

/** The worst one stands for all. */
const judgeHelpers = ({ helpers: [worst] }: GuestMeasure): readonly Verdict[] =>
  worst === undefined ? [] : [{ kind: 'helpers-wait', share: worst.waitShare }];

const BY_OTHERS: readonly VerdictKind[] = ['starved-by-guest', 'starved-by-host-tasks'];

function judgeHost(starved: readonly Verdict[], { busyShare }: HostLoad): readonly Verdict[] {
  const share = starved.reduce((sum, verdict) => sum + (BY_OTHERS.includes(verdict.kind) ? verdict.share : 0), 0);
  return busyShare >= FULL_SHARE && share >= WAIT_SHARE ? [{ kind: 'host-overcommitted', share }] : [];
}

function judgeMemory({ memory }: GuestMeasure): readonly Verdict[] {
  if (memory === null) return [];
  const residentMiB = [...memory.residentMiB.values()].reduce((sum, mib) => sum + mib, 0);
  const isRemote = memory.remoteShare >= REMOTE_SHARE && memory.remoteShare * residentMiB >= REMOTE_MIB;
  return isRemote ? [{ kind: 'memory-remote', share: memory.remoteShare }] : [];
}

function judgeMoves({ vcpus }: GuestMeasure): readonly Verdict[] {
  const ran = vcpus.reduce((sum, { runShare }) => sum + runShare, 0);
  const away = vcpus.reduce(
    (sum, { runShare, awayShare, crossingsPerS }) =>
      sum + (crossingsPerS >= CROSSINGS_PER_S ? runShare * awayShare : 0),
    0,
  );
  return ran > 0 && away / ran >= AWAY_SHARE ? [{ kind: 'wanders', share: away / ran }] : [];
}
