// Makes the fixes of findings: shows the changes, asks, and applies them as one transaction that can be undone.
import { applyFixes } from '#apply/apply-fixes.ts';
import type { DoctorView } from '#doctor/doctor-view.ts';
import { makeFixes } from '#doctor/make-fixes.ts';
import type { DoctorReport } from '#domain/doctor-report.ts';
import type { JournalEntry } from '#domain/journal.ts';
import { HostError } from '#host/host-error.ts';
import { findQm } from '#host/proxmox-command.ts';
import { renderChanges } from '#report/changes-text.ts';
import { renderLeftFixes } from '#report/doctor/doctor-text.ts';
import { describeStep, renderEntry } from '#report/journal-text.ts';
import { type CommandContext, confirm } from './command-context.ts';
import { readState } from './read-state.ts';
import { stopOnSignal } from './stop-on-signal.ts';

/** Null when there is nothing to fix. @throws HostError when nobody agreed, or when apply refused: nothing was then changed. */
export async function fixFindings(
  context: CommandContext,
  { view, report }: { readonly view: DoctorView; readonly report: DoctorReport },
  yes: boolean,
): Promise<JournalEntry | null> {
  const { host, paint } = context;
  const say = (lines: readonly string[]) => (context.json ? undefined : context.print(`${lines.join('\n')}\n`));
  const qm = findQm(host);
  const { changes, left } = makeFixes(report.findings, view, qm === null ? 'file' : 'qm');
  say([
    '',
    ...renderLeftFixes(left, paint),
    ...(changes.length === 0 ? ['There is nothing to fix by itself.'] : renderChanges(changes, paint)),
  ]);
  if (changes.length === 0) return null;
  if (!yes && !(await confirm('Make these changes?'))) {
    throw new HostError('refused', 'Nothing was changed. Without a terminal, --yes says that the list was looked at');
  }
  const stop = stopOnSignal(context);
  const entry = await applyFixes(changes, {
    context: { host, qm },
    shown: view.inventory,
    readInventory: async () => (await readState(host)).inventory,
    now: context.now,
    shouldStop: stop.wanted,
    onStep: ({ record }, number) => say([paint.dim(`  ${number}. ${describeStep(record)}`)]),
  }).finally(stop.release);
  say([renderEntry(entry, paint)]);
  return entry;
}
