// What doctor found, by what it costs, with the lines that prove it and the way out.
import { type DoctorFinding, type Evidence, type Fix, IMPACTS, type Impact } from '#domain/doctor-finding.ts';
import type { DoctorReport, FixObstacle, IgnoredFinding, LeftFix } from '#domain/doctor-report.ts';
import type { Inventory } from '#domain/inventory.ts';
import type { Paint } from '../paint.ts';
import { nameOf } from '../plan-text.ts';
import { printable } from '../printable.ts';
import { describeDoctorFinding } from './doctor-messages.ts';

export function renderDoctor(report: DoctorReport, inventory: Inventory, paint: Paint): string {
  const { findings, ignored, unknown } = report;
  const groups = IMPACTS.flatMap(impact => {
    const ofImpact = findings.filter(finding => finding.impact === impact);
    const rows = ofImpact.flatMap(finding => ['', ...renderFinding(finding, inventory, paint)]);
    return rows.length === 0 ? [] : ['', paint.bold(HEADINGS[impact]), ...rows];
  });
  const quoted = new Set([...findings, ...ignored.map(({ finding }) => finding)].flatMap(filesOf));
  const silent = unknown.filter(({ path }) => !quoted.has(path)).length;
  const unread =
    silent === 0 ? [] : [paint.dim(`${count(silent, 'text')} could not be read: --json says which, and why`)];
  const lines = [
    `${paint.bold(`Doctor ${report.node}`)}${inventory.simulated ? paint.warn('  [simulated]') : ''}`,
    ...groups,
    '',
    ...ignored.map(entry => renderIgnored(entry, paint)),
    ...unread,
    renderSum(findings, paint),
  ];
  return `${lines.join('\n')}\n`;
}

/** Fixes that `--fix` leaves alone, and why. */
export function renderLeftFixes(left: readonly LeftFix[], paint: Paint): string[] {
  return left.map(
    ({ finding, obstacle }) =>
      `${paint.warn('!')} not fixed: ${finding.code} of ${finding.subject}, ${OBSTACLES[obstacle]}`,
  );
}

const filesOf = ({ evidence }: DoctorFinding): readonly string[] => evidence.map(({ file }) => file);

const HEADINGS: Readonly<Record<Impact, string>> = {
  'breaks-start': 'Keeps a guest from starting',
  ineffective: 'Does nothing, or not what it seems to',
  'hurts-latency': 'Costs latency',
  'worth-knowing': 'Worth knowing',
};

/** After a number. */
const SUMS: Readonly<Record<Impact, string>> = {
  'breaks-start': 'against a start',
  ineffective: 'without effect',
  'hurts-latency': 'at the cost of latency',
  'worth-knowing': 'worth knowing',
};

const OBSTACLES: Readonly<Record<FixObstacle, string>> = {
  placed: 'because the value belongs to its placement; `berth plan` changes it',
  locked: 'because Proxmox has locked the guest; try again when that has ended',
  conflict: 'because the fix of another finding wants another value',
  'breaks-start': 'because the guest would then not start',
};

const MOST_EVIDENCE = 4;

function renderFinding(finding: DoctorFinding, inventory: Inventory, paint: Paint): string[] {
  const { what, why, advice } = describeDoctorFinding(finding);
  const shown = finding.evidence.slice(0, MOST_EVIDENCE).map(renderEvidence);
  const more = finding.evidence.length - shown.length;
  return [
    `${mark(finding.impact, paint)} ${paint.bold(nameSubject(finding, inventory))}: ${what} ${paint.dim(`[${finding.code}]`)}`,
    ...shown.map(line => paint.dim(`    ${line}`)),
    ...(more > 0 ? [paint.dim(`    … and ${more} more`)] : []),
    `    Why: ${why}`,
    `    Do:  ${advice}`,
    ...renderFix(finding.fix).map(line => paint.good(`    ${line}`)),
  ];
}

function mark(impact: Impact, paint: Paint): string {
  if (impact === 'breaks-start') return paint.bad('✗');
  return impact === 'worth-knowing' ? paint.dim('·') : paint.warn('!');
}

function nameSubject({ subject }: DoctorFinding, inventory: Inventory): string {
  return subject === 'host' ? 'Host' : `${subject} ${nameOf(subject, inventory)}`.trimEnd();
}

const renderEvidence = ({ file, line, text }: Evidence): string =>
  `${file}${line === null ? '' : `:${line}`}  ${printable(text)}`.trimEnd();

function renderFix(fix: Fix | null): string[] {
  if (fix === null) return [];
  if (fix.kind === 'commands') return fix.commands.map(argv => `Run: ${renderCommand(argv)}`);
  const edits = fix.edits.map(({ key, after }) =>
    after === null ? `no ${printable(key)}` : `${key}: ${printable(after)}`,
  );
  return [`Fix: ${edits.join(', ')}`];
}

/** What is for a shell is shown as the admin's own shell takes it. */
const renderCommand = ([program = '', flag, script, ...others]: readonly string[]): string =>
  program === 'sh' && flag === '-c' && script !== undefined && others.length === 0
    ? script
    : [program, flag, script, ...others].flatMap(word => (word === undefined ? [] : quoteWord(word))).join(' ');

const quoteWord = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;

function renderIgnored({ finding, reason }: IgnoredFinding, paint: Paint): string {
  return paint.dim(`ignored: ${finding.code} of ${finding.subject} (${printable(reason)})`);
}

function renderSum(findings: readonly DoctorFinding[], paint: Paint): string {
  if (findings.length === 0) return `${paint.good('✓')} Nothing is wrong that Berth knows of.`;
  const fixable = findings.filter(({ fix }) => fix?.kind === 'config').length;
  const offer = fixable === 0 ? '' : `; \`berth doctor --fix\` offers to fix ${fixable}`;
  const parts = IMPACTS.flatMap(impact => {
    const number = findings.filter(finding => finding.impact === impact).length;
    return number === 0 ? [] : [`${number} ${SUMS[impact]}`];
  });
  return `${count(findings.length, 'finding')}: ${parts.join(', ')}${offer}. More on each in docs/findings.`;
}

const count = (number: number, word: string): string => `${number} ${word}${number === 1 ? '' : 's'}`;
