// `berth isolate`: kernel parameters that keep dedicated CPUs clear from the boot on; shown, written, verified, taken back.
import { applyBootEdit } from '#apply/apply-boot-edit.ts';
import { readBootRecords } from '#apply/boot-records.ts';
import { undoEntry } from '#apply/undo-entry.ts';
import { BOOT_FILES } from '#boot/boot-files.ts';
import { wordsOf } from '#boot/make-boot-isolation.ts';
import { makeIsolationReport } from '#boot/make-isolation-report.ts';
import { isolateJson } from '#contract/boot-isolation.ts';
import { encodeJson } from '#contract/read-json.ts';
import type { IsolationReport } from '#domain/boot-isolation.ts';
import type { JournalEntry } from '#domain/journal.ts';
import type { Host } from '#host/host.ts';
import { HostError } from '#host/host-error.ts';
import { readBootState } from '#host/read-boot-state.ts';
import { readInventory } from '#host/read-inventory.ts';
import { poolNeeds } from '#plan/hugepage-pools.ts';
import { type IsolateView, renderIsolate, renderIsolationState } from '#report/isolate-text.ts';
import { describeStep, renderEntry } from '#report/journal-text.ts';
import { type CommandContext, confirm, type ExitCode } from '../command-context.ts';
import { finishBench } from '../finish-bench.ts';
import { stopOnSignal } from '../stop-on-signal.ts';
import { readUntried, tellUntried } from '../tell-untried.ts';

export interface IsolateOptions {
  readonly verify: boolean;
  readonly undo: boolean;
  readonly yes: boolean;
}

/** 0 verified, or taken back; 1 there is nothing to isolate, it cannot be written, or that failed; 2 to be written, to be booted, or not as asked. */
export async function isolate(context: CommandContext, { verify, undo, yes }: IsolateOptions): Promise<ExitCode> {
  tellUntried(context);
  if (undo) return undoIsolation(context, yes);
  const report = await readIsolation(context.host);
  if (verify) {
    print(context, report, renderIsolationState);
    return isAsAsked(report) ? 0 : 2;
  }
  const { edit } = report;
  const isWritten = edit === null || (!yes && context.json);
  if (!context.json || isWritten) print(context, report, renderIsolate);
  if (report.obstacle !== null || report.state === 'none') return 1;
  if (edit === null) return isAsAsked(report) ? 0 : 2;
  if (!yes && (context.json || !(await confirm('Write this? It counts from the next boot on.')))) {
    context.tell('Nothing was written. `berth isolate --yes` writes it.\n');
    return 2;
  }
  await finishBench(context);
  const stop = stopOnSignal(context);
  const entry = await applyBootEdit(edit, {
    context: { host: context.host, qm: null },
    node: report.node,
    readEdit: async () => (await readIsolation(context.host)).edit,
    now: context.now,
    shouldStop: stop.wanted,
    onStep: ({ record }, number) => say(context, context.paint.dim(`  ${number}. ${describeStep(record)}\n`)),
  }).finally(stop.release);
  return finish(context, [entry]);
}

async function readIsolation(host: Host): Promise<IsolationReport> {
  const inventory = await readInventory(host);
  const { recorded, undone } = readBootRecords(host);
  const { placement } = inventory;
  return makeIsolationReport({
    ...(await readBootState(host)),
    ...{ inventory, recorded, undone },
    pools: placement === null ? [] : poolNeeds(placement, inventory.guests),
    hasAgent: host.read('/etc/systemd/system/multi-user.target.wants/berth.service') !== null,
  });
}

/** All of it, however often it was changed: the newest first. */
async function undoIsolation(context: CommandContext, yes: boolean): Promise<ExitCode> {
  const { host } = context;
  const { entries, recorded } = readBootRecords(host);
  if (entries.length === 0) throw new HostError('missing', noRecord(await readIsolation(host)));
  say(context, `To be taken back: ${recorded.join(' ')}\n`);
  if (!yes && !(await confirm('Take these parameters back? It counts from the next boot on.'))) {
    throw new HostError('refused', 'Nothing was changed. Without a terminal, --yes says that this was meant');
  }
  await finishBench(context);
  const done: JournalEntry[] = [];
  for (const id of entries) {
    const entry = await undoEntry(id, { context: { host, qm: null }, now: context.now });
    done.push(entry);
    if (entry.state !== 'done') break;
  }
  return finish(context, done);
}

function noRecord({ written, loader }: IsolationReport): string {
  if (written.length === 0 || loader.kind === 'unknown') return 'Berth has written no kernel parameters here';
  const { path, command } = BOOT_FILES[loader.loader];
  return `The journal knows of no kernel parameters, but ${path} has them: take them out by hand, and run \`${command.join(' ')}\``;
}

async function finish(context: CommandContext, entries: readonly JournalEntry[]): Promise<ExitCode> {
  for (const entry of entries) say(context, renderEntry(entry, context.paint));
  const report = await readIsolation(context.host);
  const failed = entries.some(({ state }) => state !== 'done');
  if (context.host.simulated && report.loader.kind === 'found') {
    context.tell(`On a captured tree \`${BOOT_FILES[report.loader.loader].command.join(' ')}\` is not run.\n`);
  }
  if (context.json || !failed) print(context, report, renderIsolationState, entries);
  if (failed) return 1;
  return isAsAsked(report) ? 0 : 2;
}

const isAsAsked = ({ state }: IsolationReport): boolean => state !== 'reboot-needed' && state !== 'not-as-asked';

const say = ({ json, print: write }: CommandContext, text: string): void => (json ? undefined : write(text));

function print(
  { host, json, paint, print: write }: CommandContext,
  report: IsolationReport,
  render: (view: IsolateView, paint: CommandContext['paint']) => string,
  entries: readonly JournalEntry[] = [],
): void {
  const { simulated } = host;
  if (!json) {
    const { loader } = report;
    const file = loader.kind === 'found' ? BOOT_FILES[loader.loader] : null;
    write(render({ report, simulated, file: file && { path: file.path, command: file.command.join(' ') } }, paint));
    return;
  }
  const commandLine = wordsOf(report.plan).join(' ');
  const ids = entries.map(({ id }) => id);
  const output = { schema: 'berth/isolate/1' as const, simulated, ...report, commandLine, entries: ids };
  write(encodeJson(isolateJson, { ...output, ...readUntried(host) }));
}
