// What applies and undos did, and how far they came.
import type { JournalEntry, JournalStep, StepRecord } from '#domain/journal.ts';
import { renderStayedInterrupts } from './interrupts-text.ts';
import { renderStayedSettings } from './layer-text.ts';
import type { Paint } from './paint.ts';
import { printable } from './printable.ts';

/** `config of guest 101 (affinity, numa0)`. */
export function describeStep(record: StepRecord): string {
  switch (record.kind) {
    case 'file': {
      if (record.vmid === null) return record.path;
      const keys = record.config?.edits.map(({ key }) => key).join(', ');
      return `config of guest ${record.vmid}${keys ? ` (${keys})` : ''}`;
    }
    case 'qm':
      return `config of guest ${record.vmid} (${record.edits.map(({ key }) => key).join(', ')}) through qm`;
    case 'threads':
      return `threads of VM ${record.vmid} (${record.threads.length})`;
    case 'partition':
      return `partition of VM ${record.vmid}${record.after === null ? ', taken away' : ''}`;
    case 'boot':
      return `kernel parameters for ${record.loader === 'systemd-boot' ? 'systemd-boot' : 'GRUB'}${record.words.after.length === 0 ? ', taken away' : ''}`;
    case 'unit':
      return `CPUs of ${printable(record.unit)}`;
    case 'cpuset':
      return `cpuset of container ${record.vmid}`;
    case 'memory':
      return `memory of VM ${record.vmid}`;
    case 'interrupts':
      return `interrupts of ${record.vmid === null ? 'the host' : `VM ${record.vmid}`} (${record.vectors.length})`;
    case 'layer':
      return `host layer ${record.layer} (${record.settings.length})`;
  }
}

/** The steps of one entry: done, failed, not tried. */
export function renderEntry(entry: JournalEntry, paint: Paint): string {
  const count = (state: JournalStep['state']) => entry.steps.filter(step => step.state === state).length;
  const failed = entry.steps.filter(({ state }) => state === 'failed');
  const what = entry.action === 'undo' ? `Undo of ${entry.undoes}, as` : 'Apply';
  const summary = [`${count('done')} done`, `${count('failed')} failed`, `${count('not-tried')} not tried`];
  if (count('doing') > 0) summary.push(`${count('doing')} begun and not finished`);
  const lines = [
    `${entry.state === 'done' ? paint.good('✓') : paint.bad('✗')} ${what} ${paint.bold(entry.id)}: ${summary.join(', ')}`,
    ...failed.map(({ record, error }) => `  ${paint.bad('failed')} ${describeStep(record)}: ${error}`),
    ...renderStayedInterrupts(entry, paint),
    ...renderStayedSettings(entry, paint),
    ...(entry.state === 'stopped'
      ? entry.steps
          .filter(({ state }) => state === 'not-tried')
          .map(({ record }) => `  ${paint.dim('not tried')} ${describeStep(record)}`)
      : []),
  ];
  return `${lines.join('\n')}\n`;
}

function describeApply({ cause }: JournalEntry): string {
  if (!cause) return 'apply';
  return `VM ${cause.vmid} ${cause.kind === 'arrived' ? 'arrived, placed by the agent' : 'left, its CPUs given back'}`;
}

/** One line per entry, newest last. */
export function renderHistory(entries: readonly JournalEntry[], paint: Paint): string {
  if (entries.length === 0) return 'Nothing was applied on this node yet.\n';
  const undone = new Set(entries.filter(({ state }) => state === 'done').map(({ undoes }) => undoes));
  const lines = entries.map(entry => {
    const guests = new Set(
      entry.steps.flatMap(({ record }) => (!('vmid' in record) || record.vmid === null ? [] : [record.vmid])),
    );
    const what = entry.action === 'undo' ? `undo of ${entry.undoes}` : describeApply(entry);
    const fate = undone.has(entry.id) ? paint.dim(', undone') : '';
    const state = entry.state === 'done' ? paint.good('done') : paint.bad(entry.state);
    return `${paint.bold(entry.id)}  ${entry.startedAt}  ${what}  ${state}${fate}  ${entry.steps.length} steps, ${guests.size} guests`;
  });
  return `${lines.join('\n')}\n`;
}
