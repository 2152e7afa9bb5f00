// `berth undo`: puts back what an apply changed.
import { readJournal } from '#apply/journal-files.ts';
import { USUAL_RATE_MIBPS } from '#apply/memory-step.ts';
import { nextToUndo, undoEntry } from '#apply/undo-entry.ts';
import { journalListJson } from '#contract/journal.ts';
import { encodeJson } from '#contract/read-json.ts';
import { HostError } from '#host/host-error.ts';
import { findQm } from '#host/proxmox-command.ts';
import { describeStep, renderEntry } from '#report/journal-text.ts';
import { renderMovedMemory } from '#report/memory-move-text.ts';
import { type CommandContext, confirm, type ExitCode } from '../command-context.ts';
import { makeMoving } from '../move-memory.ts';
import { stopOnSignal } from '../stop-on-signal.ts';
import { tellUntried } from '../tell-untried.ts';

export interface UndoCommandOptions {
  readonly id: string | undefined;
  readonly yes: boolean;
}

export async function undo(context: CommandContext, { id, yes }: UndoCommandOptions): Promise<ExitCode> {
  const { host, paint, json } = context;
  const untried = tellUntried(context);
  const entries = readJournal(host);
  const target = id === undefined ? nextToUndo(entries) : entries.find(entry => entry.id === id.padStart(4, '0'));
  if (!json && target) {
    context.print(`Undo of ${target.id} (${target.startedAt}):\n`);
    for (const { record, state } of [...target.steps].reverse()) {
      if (state !== 'not-tried') context.print(`  put back ${describeStep(record)}\n`);
    }
  }
  if (target && !yes && !(await confirm('Put this back?'))) {
    throw new HostError('refused', 'Nothing was changed. Without a terminal, --yes says that the list was looked at');
  }
  const stop = stopOnSignal(context);
  const entry = await undoEntry(id ?? null, {
    context: { host, qm: findQm(host), moving: makeMoving(context, USUAL_RATE_MIBPS, stop.wanted) },
    now: context.now,
    shouldStop: stop.wanted,
  }).finally(stop.release);
  if (json) {
    const list = { schema: 'berth/history/1' as const, simulated: host.simulated, entries: [entry], ...untried };
    context.print(encodeJson(journalListJson, list));
  } else context.print(renderEntry(entry, paint) + renderMovedMemory(entry, paint));
  return entry.state === 'done' ? 0 : 1;
}
