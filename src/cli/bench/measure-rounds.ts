// The rounds of a measurement: as found, as planned, as found again, with the ordinary apply and undo between them.
import { setTimeout as sleep } from 'node:timers/promises';
import { applyPlan, type HostState } from '#apply/apply-plan.ts';
import type { StepContext } from '#apply/steps.ts';
import { undoEntry } from '#apply/undo-entry.ts';
import { ParseError } from '#domain/errors.ts';
import type { VmRuntime } from '#domain/guest.ts';
import { encodeIdList } from '#domain/id-list.ts';
import { type CpuSet, unionOf } from '#domain/id-set.ts';
import type { VmId } from '#domain/ids.ts';
import type { JournalEntry } from '#domain/journal.ts';
import { PHASES, type PhaseName } from '#domain/measurement.ts';
import type { Plan } from '#domain/plan.ts';
import { HostError } from '#host/host-error.ts';
import type { BlockMeter } from '#host/measure-run-delay.ts';
import { readVmRuntime } from '#host/read-vm-runtime.ts';
import type { ReadBlock } from '#latency/describe-blocks.ts';

export interface RoundsOptions {
  readonly context: StepContext;
  readonly vmid: VmId;
  readonly plan: Plan;
  readonly meter: BlockMeter;
  /** The process that is measured. */
  readonly runtime: VmRuntime;
  readonly rounds: number;
  readonly secondsPerBlock: number;
  readonly readState: () => Promise<HostState>;
  readonly now: () => Date;
  readonly signal: AbortSignal;
  readonly onBlock: (phase: PhaseName, round: number) => void;
  /** After each round but the last, so that what was measured is kept whatever comes. */
  readonly onRound: (soFar: MeasuredRounds) => void;
}

export interface MeasuredRounds {
  readonly blocks: readonly ReadBlock[];
  /** The journal entry of the first block as planned. */
  readonly firstEntry: string | null;
  /** Why it ended before the last round; null when it did not. */
  readonly endedEarly: string | null;
  /** Why the host is not as it was found; null as it should be. */
  readonly notPutBack: string | null;
}

/** After a change threads move, and caches are cold: what is felt then belongs to the change, not to the placement. */
const SETTLE_MS = 500;

/**
 * Linear drift falls out of the middle block of three, and the outer two, between which nothing was changed but what an apply and its undo
 * leave, are the noise floor. ABAB has no such pair, and ABBA has it only where no change lies between.
 */
export async function measureRounds(options: RoundsOptions): Promise<MeasuredRounds> {
  const { signal, rounds, onBlock, onRound } = options;
  const blocks: ReadBlock[] = [];
  let firstEntry: string | null = null;
  let applied: string | null = null;
  const putBack = async () => {
    if (applied !== null) await undo(applied, options);
    applied = null;
  };
  const measureRound = async (round: number) => {
    for (const phase of PHASES) {
      if (phase === 'asFoundAgain') await putBack();
      if (phase === 'asPlanned') {
        const entry = await apply(options);
        applied = entry.id;
        firstEntry ??= entry.id;
        if (entry.state !== 'done') throw new HostError('failed', `The plan could not be applied: ${failureOf(entry)}`);
      }
      onBlock(phase, round);
      blocks.push(await measureBlock(phase, round, options));
    }
  };
  let endedEarly: string | null = null;
  try {
    for (let round = 1; round <= rounds; round++) {
      await measureRound(round);
      if (round === rounds) continue;
      const soFar = `it was killed after round ${round} of ${rounds}`;
      onRound({ blocks, firstEntry, endedEarly: soFar, notPutBack: null });
    }
  } catch (error) {
    if (!(error instanceof HostError || error instanceof ParseError)) {
      await putBack();
      throw error;
    }
    endedEarly = signal.aborted ? 'it was stopped' : error.message;
  }
  const notPutBack = await messageOf(putBack());
  return { blocks, firstEntry, endedEarly, notPutBack };
}

/** Null when it succeeds. */
async function messageOf(work: Promise<void>): Promise<string | null> {
  try {
    await work;
    return null;
  } catch (error) {
    if (error instanceof HostError) return error.message;
    throw error;
  }
}

/** @throws HostError when it was refused before its first step */
async function apply({ plan, context, readState, now }: RoundsOptions): Promise<JournalEntry> {
  const result = await applyPlan(plan, { context, readState, now, purpose: 'bench' });
  if (result.kind === 'nothing') throw new HostError('refused', 'The plan changes nothing any more');
  if (result.kind === 'unsound') throw new HostError('refused', 'The plan breaks a hard rule: `berth plan` says which');
  return result.entry;
}

async function undo(id: string, { context, now }: RoundsOptions): Promise<void> {
  const entry = await undoEntry(id, { context, now });
  if (entry.state === 'done') return;
  throw new HostError(
    'failed',
    `The placement that was measured could not be taken back: ${failureOf(entry)}. \`berth undo ${id}\` tries again`,
  );
}

const failureOf = ({ steps }: JournalEntry): string =>
  steps.find(({ error }) => error !== null)?.error ?? 'it was stopped';

async function measureBlock(phase: PhaseName, round: number, options: RoundsOptions): Promise<ReadBlock> {
  const { vmid, meter, secondsPerBlock, now, signal } = options;
  await sleep(SETTLE_MS, undefined, { signal }).catch(() => {});
  stopIfAsked(signal);
  const before = await readSame(options);
  const startedAt = now().toISOString();
  const reading = await meter.measure(secondsPerBlock, signal).catch(async error => {
    // A guest that is gone explains more than what its instrument says of it.
    await readSame(options);
    throw error;
  });
  stopIfAsked(signal);
  const masks = masksOf(before);
  if (encodeMasks(masks) !== encodeMasks(masksOf(await readSame(options)))) {
    throw new HostError(
      'failed',
      `Somebody else has pinned VM ${vmid} elsewhere, or plugged a vCPU, while it was measured`,
    );
  }
  const emulator = before.threads.flatMap(({ role, allowed }) => (role.kind === 'emulator' ? [allowed] : []));
  return { phase, round, startedAt, reading, cpus: masks, emulator: emulator.length === 0 ? null : unionOf(emulator) };
}

function stopIfAsked(signal: AbortSignal): void {
  if (signal.aborted) throw new HostError('failed', 'it was stopped');
}

/** @throws HostError when the guest has ended or was started anew: what was measured would be another process. */
async function readSame({ context, vmid, runtime }: RoundsOptions): Promise<VmRuntime> {
  const now = await readVmRuntime(context.host, vmid);
  if (now?.pid === runtime.pid && now.startTime === runtime.startTime) return now;
  throw new HostError('gone', `VM ${vmid} ${now === null ? 'ended' : 'was started anew'} while it was measured`);
}

function masksOf({ threads }: VmRuntime): ReadonlyMap<number, CpuSet> {
  return new Map(
    threads.flatMap(({ role, allowed }) => (role.kind === 'vcpu' ? [[role.index, allowed] as const] : [])),
  );
}

const encodeMasks = (masks: ReadonlyMap<number, CpuSet>): string =>
  [...masks].map(([vcpu, cpus]) => `${vcpu}:${encodeIdList(cpus)}`).join(' ');
