// `berth adopt`: takes guests over that are pinned by hand: policy and placement are written, no guest is touched.
import { applyAdoption } from '#apply/apply-adoption.ts';
import { changesNothing } from '#apply/apply-plan.ts';
import { adoptJson } from '#contract/adopt.ts';
import { encodeJson } from '#contract/read-json.ts';
import type { Adoption } from '#domain/adoption.ts';
import type { VmId } from '#domain/ids.ts';
import type { JournalEntry } from '#domain/journal.ts';
import type { MaybeUntried } from '#domain/untried-version.ts';
import { HostError } from '#host/host-error.ts';
import { makeAdoption } from '#plan/make-adoption.ts';
import { makePlan } from '#plan/make-plan.ts';
import { describeNotAdopted, renderAdoption } from '#report/adopt-text.ts';
import { renderChanges } from '#report/changes-text.ts';
import { describeStep, renderEntry } from '#report/journal-text.ts';
import { renderVerify } from '#report/verify-text.ts';
import { type CommandContext, confirm, type ExitCode } from '../command-context.ts';
import { finishBench } from '../finish-bench.ts';
import { POLICY_PATH, planInput, readState } from '../read-state.ts';
import { stopOnSignal } from '../stop-on-signal.ts';
import { tellUntried } from '../tell-untried.ts';
import { isTrue, makeReport } from './verify.ts';

export interface AdoptCommandOptions {
  /** Empty: every guest that is pinned. */
  readonly vmids: readonly VmId[];
  readonly yes: boolean;
}

/** 0 adopted and verified or nothing to adopt, 1 refused or failed, 2 adopted but something deviates. */
export async function adopt(context: CommandContext, { vmids, yes }: AdoptCommandOptions): Promise<ExitCode> {
  const { host, paint, json } = context;
  const untried = tellUntried(context);
  await finishBench(context);
  const { inventory, policy } = await readState(host);
  const adoption = makeAdoption({ inventory, policy, only: vmids.length === 0 ? null : new Set(vmids) });
  refuseLeft(adoption, vmids, inventory.node);
  if (!json) context.print(renderAdoption(adoption, inventory, paint));
  if (adoption.adopted.length === 0) return finish(context, { adoption, entry: null, untried });
  if (!yes && !(await confirm('Write this into policy and placement? No guest is touched.'))) {
    throw new HostError('refused', 'Nothing was written. Without a terminal, --yes says that the list was looked at');
  }
  const stop = stopOnSignal(context);
  const entry = await applyAdoption(adoption, {
    host,
    policyPath: POLICY_PATH,
    readState: () => readState(host),
    now: context.now,
    shouldStop: stop.wanted,
    onStep: ({ record }, number) =>
      json ? undefined : context.print(paint.dim(`  ${number}. ${describeStep(record)}\n`)),
  }).finally(stop.release);
  return finish(context, { adoption, entry, untried });
}

/** Who was named and cannot be adopted would otherwise be missed in silence. */
function refuseLeft({ left }: Adoption, vmids: readonly VmId[], node: string): void {
  if (vmids.length === 0) return;
  const [first] = left;
  if (first === undefined) return;
  throw new HostError(
    'refused',
    `Cannot adopt guest ${first.vmid} on ${node}: ${describeNotAdopted(first.why)} Nothing was written`,
  );
}

async function finish(
  context: CommandContext,
  { adoption, entry, untried }: { adoption: Adoption; entry: JournalEntry | null; untried: MaybeUntried },
): Promise<ExitCode> {
  const { host, paint, json } = context;
  const { node, adopted, left } = adoption;
  if (json) {
    const output = { schema: 'berth/adopt/1' as const, simulated: host.simulated, node, adopted, left };
    context.print(encodeJson(adoptJson, { ...output, appliedBy: entry?.id ?? null, ...untried }));
  }
  if (entry === null) return 0;
  if (!json) context.print(renderEntry(entry, paint));
  if (entry.state !== 'done') return 1;
  const state = await readState(host);
  const report = makeReport(
    state.inventory,
    host,
    adopted.map(({ placed }) => placed.vmid),
  );
  if (!json) {
    context.print(`\n${renderVerify(report, state.inventory, paint)}`);
    context.print(`\n${renderImprovements(context, state)}`);
  }
  return isTrue(report) ? 0 : 2;
}

/** What a plan would do from here, as what was adopted is true but need not be good. */
function renderImprovements({ host, paint }: CommandContext, state: Awaited<ReturnType<typeof readState>>): string {
  const plan = makePlan(planInput(state, host));
  if (plan.kind === 'infeasible')
    return 'There is no plan that gives all of them what the policy now says; `berth plan` says why.\n';
  if (changesNothing(plan, state.inventory) || plan.changes.length === 0)
    return '`berth plan` has nothing to improve.\n';
  const lines = ['`berth plan` would improve this; `berth apply` does it:', ...renderChanges(plan.changes, paint)];
  return `${lines.join('\n')}\n`;
}
