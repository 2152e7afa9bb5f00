// `berth apply`: shows the plan, asks, makes it true, and verifies it.
import { type ApplyResult, applyPlan, changesNothing } from '#apply/apply-plan.ts';
import { journalListJson } from '#contract/journal.ts';
import { encodeJson } from '#contract/read-json.ts';
import type { Infeasible, Plan } from '#domain/plan.ts';
import type { MaybeUntried } from '#domain/untried-version.ts';
import { HostError } from '#host/host-error.ts';
import { findQm } from '#host/proxmox-command.ts';
import { renderChanges } from '#report/changes-text.ts';
import { renderFindings } from '#report/findings-text.ts';
import { renderInfeasible } from '#report/infeasible-text.ts';
import { describeStep, renderEntry } from '#report/journal-text.ts';
import { renderMemoryMoves } from '#report/memory-move-text.ts';
import { renderPlan } from '#report/plan-text.ts';
import { renderVerify } from '#report/verify-text.ts';
import { type CommandContext, confirm, type ExitCode } from '../command-context.ts';
import { finishBench } from '../finish-bench.ts';
import { listMemoryMoves, type MemoryWish, moveMemoryNow } from '../move-memory.ts';
import { provePlan } from '../prove-plan.ts';
import { readPlanFile } from '../read-plan-file.ts';
import { planInput, readState } from '../read-state.ts';
import { stopOnSignal } from '../stop-on-signal.ts';
import { tellUntried } from '../tell-untried.ts';
import { isTrue, makeReport } from './verify.ts';

export interface ApplyCommandOptions {
  readonly file: string | undefined;
  readonly yes: boolean;
  /** Null: memory stays where it is. */
  readonly memory: MemoryWish | null;
}

/** 0 applied and verified or nothing to do, 1 refused or failed, 2 applied but something deviates or waits for a restart. */
export async function apply(context: CommandContext, { file, yes, memory }: ApplyCommandOptions): Promise<ExitCode> {
  const { host, paint, json } = context;
  const say = (text: string) => (json ? undefined : context.print(text));
  const untried = tellUntried(context);
  await finishBench(context);
  const before = await readState(host);
  const plan: Plan | Infeasible =
    file === undefined ? await provePlan(planInput(before, host), context) : readPlanFile(file, host.simulated);
  if (plan.kind === 'infeasible') {
    say(renderInfeasible(plan, paint));
    if (json) throw new HostError('refused', 'There is no plan; `berth plan --json` says why');
    return 1;
  }
  const moves = memory === null ? [] : listMemoryMoves(host, before.inventory, plan.placement, memory);
  const isChange = !changesNothing(plan, before.inventory);
  if (isChange || moves.some(({ kind }) => kind === 'move')) {
    // With --yes the plan was looked at already: the changes are enough.
    if (isChange) {
      say(
        yes ? `${renderChanges(plan.changes, paint).join('\n')}\n\n` : `${renderPlan(plan, before.inventory, paint)}\n`,
      );
    }
    if (memory !== null) say(`${renderMemoryMoves(moves, paint)}\n`);
    if (!yes && !(await confirm('Make these changes?'))) {
      throw new HostError('refused', 'Nothing was changed. Without a terminal, --yes says that the plan was looked at');
    }
  }
  const stop = stopOnSignal(context);
  const result = await applyPlan(plan, {
    context: { host, qm: findQm(host) },
    readState: () => readState(host),
    now: context.now,
    shouldStop: stop.wanted,
    onStep: ({ record }, number) => say(paint.dim(`  ${number}. ${describeStep(record)}\n`)),
  }).finally(stop.release);
  return finish(context, { result, memory, untried });
}

async function finish(
  context: CommandContext,
  { result, memory, untried }: { result: ApplyResult; memory: MemoryWish | null; untried: MaybeUntried },
): Promise<ExitCode> {
  const { host, paint, json } = context;
  if (result.kind === 'unsound') {
    context.tell(
      `The plan breaks hard rules; nothing was changed.\n${renderFindings(result.findings, paint).join('\n')}\n`,
    );
    return 1;
  }
  const applied = result.kind === 'ran' ? [result.entry] : [];
  const failed = applied.some(({ state }) => state !== 'done');
  if (!json) {
    context.print(
      result.kind === 'nothing'
        ? 'The host is as planned already: nothing was changed.\n'
        : renderEntry(result.entry, paint),
    );
  }
  const moved = memory === null || failed ? null : await moveMemoryNow(context, memory);
  if (json) {
    const entries = [...applied, ...(moved?.entry ? [moved.entry] : [])];
    const stays = moved && { memoryStays: moved.stays };
    const list = { schema: 'berth/history/1' as const, simulated: host.simulated, entries, ...stays, ...untried };
    context.print(encodeJson(journalListJson, list));
  }
  if (failed || (moved?.entry && moved.entry.state !== 'done')) {
    context.tell('What was done stays. `berth apply` continues from here; `berth undo` puts it back.\n');
    return 1;
  }
  const { inventory } = await readState(host);
  const report = makeReport(inventory, host);
  if (!json && inventory.placement !== null) context.print(`\n${renderVerify(report, inventory, paint)}`);
  return isTrue(report) ? 0 : 2;
}
