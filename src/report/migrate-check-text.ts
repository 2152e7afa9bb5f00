// Whether a guest can live on another node: what stops it, what nobody would say, where it would be, and the commands.
import type { Inventory } from '#domain/inventory.ts';
import type { MoveEffect, MoveFinding, MoveReport, MoveStep } from '#domain/move.ts';
import type { Plan } from '#domain/plan.ts';
import { renderFindings } from './findings-text.ts';
import { describeMovedCpu, describeMoveFinding, describeMoveStep } from './move-messages.ts';
import type { Paint } from './paint.ts';
import { renderGuest } from './plan-text.ts';
import { printable } from './printable.ts';

export interface MoveText {
  readonly report: MoveReport;
  /** Null: there is no place for it there. */
  readonly plan: Plan | null;
  readonly there: Inventory;
  readonly name: string;
}

const MOST_CPUS = 16;

export function renderMigrateCheck({ report, plan, there, name }: MoveText, paint: Paint): string {
  const { vmid, kind, running, node, target } = report;
  const what = `${kind === 'vm' ? 'VM' : 'container'} ${vmid} ${name}`.trimEnd();
  const lines = [
    `${paint.bold(`${what}: ${node} → ${target}`)}  ${running ? 'running' : 'stopped'}${there.simulated && report.basis === 'tree' ? paint.dim('  [from a captured tree]') : ''}`,
    ...renderEffects(report, paint),
    '',
    ...renderPlacement(report, plan, there, paint),
    ...renderSteps(report, paint),
    ...(report.unknown.length === 0
      ? []
      : ['', paint.dim(`Not known of ${target}: ${report.unknown.map(({ reason }) => reason).join('; ')}.`)]),
  ];
  return `${lines.join('\n')}\n`;
}

const HEADINGS: Readonly<Record<MoveEffect, string>> = {
  stops: 'Stops it',
  unnoticed: 'Proxmox accepts without a word',
  note: 'Worth knowing',
};

function renderEffects(report: MoveReport, paint: Paint): string[] {
  const { findings, target } = report;
  const groups = (['stops', 'unnoticed', 'note'] as const).flatMap(effect => {
    const found = findings.filter(finding => finding.effect === effect);
    return found.length === 0
      ? []
      : ['', paint.bold(HEADINGS[effect]), ...found.flatMap(f => renderFinding(f, report, paint))];
  });
  const isFree = findings.every(({ effect }) => effect === 'note');
  return isFree ? [...groups, '', `${paint.good('✓')} It can live on ${target} as it is configured.`] : groups;
}

function renderFinding(finding: MoveFinding, report: MoveReport, paint: Paint): string[] {
  const mark = { stops: paint.bad('✗'), unnoticed: paint.warn('!'), note: paint.dim('·') }[finding.effect];
  const when = finding.at === 'next-start' ? paint.dim(' (from its next start there)') : '';
  const cpus = finding.code === 'pins-elsewhere' ? finding.cpus : [];
  const more = cpus.length - MOST_CPUS;
  return [
    `${mark} ${describeMoveFinding(finding, report)}${when} ${paint.dim(`[${finding.code}]`)}`,
    ...cpus.slice(0, MOST_CPUS).map(cpu => `    ${describeMovedCpu(cpu, report)}`),
    ...(more > 0 ? [`    … and ${more} more (--json)`] : []),
  ];
}

function renderPlacement(report: MoveReport, plan: Plan | null, there: Inventory, paint: Paint): string[] {
  const { placement, target, basis, neighbours, edits } = report;
  if (plan === null) return [];
  if (placement === null || placement.class === 'shared') {
    return [`The policy asks for nothing for it, so it would not be placed on ${target}.`, ''];
  }
  const beside =
    basis === 'tree'
      ? `beside the ${neighbours} guests of the tree`
      : `beside the ${neighbours} guests configured there, all memory taken for free`;
  return [
    paint.bold(`Its place on ${target}, ${beside}`),
    ...renderGuest(placement, plan, there, paint),
    ...edits.flatMap(({ key, before, after }) => [
      ...(before === null ? [] : [paint.bad(`    - ${key}: ${printable(before)}`)]),
      ...(after === null ? [] : [paint.good(`    + ${key}: ${printable(after)}`)]),
    ]),
    ...(edits.length === 0 ? [] : ['']),
    ...(plan.advice.length === 0 ? [] : [...renderFindings(plan.advice, paint), '']),
  ];
}

function renderSteps({ steps, target }: MoveReport, paint: Paint): string[] {
  if (steps.length === 0) return [`No commands: put right first what stops it, then ask again for ${target}.`];
  const width = Math.max(...steps.map(({ node }) => node.length));
  return [paint.bold('Commands, in this order'), ...steps.map(step => renderStep(step, width, paint))];
}

const renderStep = ({ node, command, reason }: MoveStep, width: number, paint: Paint): string =>
  `  ${paint.dim(`${node}:`.padEnd(width + 1))} ${command.map(quoteWord).join(' ')}  ${paint.dim(`# ${describeMoveStep(reason)}`)}`;

const quoteWord = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${printable(word).replaceAll("'", "'\\''")}'`;
