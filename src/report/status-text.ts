// A node in one screen, a line for each matter, and what to do where something is not as it should be.
import { IMPACTS, type Impact } from '#domain/doctor-finding.ts';
import type { NodeStatus } from '#domain/node-status.ts';
import { amount } from './outcome-text.ts';
import { type Paint, stripPaint } from './paint.ts';
import { printable } from './printable.ts';

export function renderStatus(status: NodeStatus, paint: Paint): string {
  const rows: ReadonlyArray<readonly [string, string]> = [
    ['Node', describeNode(status, paint)],
    ['Policy', describePolicy(status)],
    ['Placement', describePlacement(status, paint)],
    ['Agent', describeAgent(status, paint)],
    ['Doctor', describeFindings(status, paint)],
    ['Last', describeLast(status, paint)],
  ];
  const width = Math.max(...rows.map(([label]) => label.length));
  const indent = ' '.repeat(width + 2);
  return rows
    .map(([label, text]) => {
      const lines = wrapWords(text, COLUMNS - indent.length);
      return `${paint.bold(label.padEnd(width))}  ${lines.join(`\n${indent}`)}\n`;
    })
    .join('');
}

/** Of the narrowest terminal that people use. */
const COLUMNS = 80;

/** Lines of at most so many characters, escape codes not counted. */
function wrapWords(text: string, columns: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && stripPaint(longer).length > columns) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, line];
}

/** True when nothing waits for anybody. */
export const isWell = ({ placement, findings, last, agent }: NodeStatus): boolean =>
  findings['breaks-start'] === 0 &&
  last?.state !== 'running' &&
  last?.state !== 'stopped' &&
  (placement === null || (placement.deviations === 0 && placement.guests.restartPending === 0 && agent?.pid !== null));

const UNTRIED = {
  proxmox: 'a version that Berth was not built for: look at every plan twice',
  kernel: 'a kernel that Berth was not tried with: look at every plan twice',
};

function describeNode({ node, proxmox, kernel, cgroupVersion, agent, untried }: NodeStatus, paint: Paint): string {
  const isCaptured = agent === null;
  const version =
    proxmox.support === 'none' ? 'no Proxmox VE here' : `Proxmox VE ${proxmox.version ?? 'of an unknown version'}`;
  const parts = [
    node,
    // A capture does not hold what tells these.
    ...(isCaptured && proxmox.support === 'none' ? ['captured'] : [version]),
    ...(kernel === null ? [] : [`kernel ${printable(kernel)}`]),
    ...(cgroupVersion === 1 ? [paint.warn('cgroup version 1: inspect, plan and diagnose only')] : []),
    ...(untried ?? []).map(({ what }) => paint.warn(UNTRIED[what])),
  ];
  return parts.join(', ');
}

function describePolicy({ policy }: NodeStatus): string {
  if (policy === null) return 'none: nothing is dedicated, nothing changes. `berth init` writes a first one';
  return `${policy.dedicated} dedicated and ${policy.confined} confined guests are wanted on this node`;
}

function describePlacement({ placement, policy }: NodeStatus, paint: Paint): string {
  if (placement === null) {
    const isWanted = policy !== null && policy.dedicated + policy.confined > 0;
    return isWanted ? paint.warn('none in force: `berth plan`, then `berth apply`') : 'none in force';
  }
  const { inForce, restartPending, deviates, stopped, gone } = placement.guests;
  const states = [
    ...(inForce > 0 ? [paint.good(`${inForce} in force`)] : []),
    ...(restartPending > 0 ? [paint.warn(`${restartPending} waiting for a restart`)] : []),
    ...(deviates > 0 ? [paint.bad(`${deviates} not as placed`)] : []),
    ...(stopped > 0 ? [`${stopped} stopped`] : []),
    ...(gone > 0 ? [`${gone} not here any more`] : []),
  ];
  const found =
    placement.deviations === 0 ? '' : `; ${amount(placement.deviations, 'deviation')}, see \`berth verify\``;
  return `${states.length === 0 ? 'no guest' : states.join(', ')}; isolation: ${placement.isolation}${found}`;
}

function describeAgent({ agent, placement }: NodeStatus, paint: Paint): string {
  if (agent === null) return 'not known of a captured host';
  if (agent.pid !== null) return paint.good(`runs (process ${agent.pid})`);
  if (placement === null) return 'does not run';
  return paint.warn('does not run: pins end with the guest that has them. `systemctl enable --now berth` keeps them');
}

const IMPACT_WORDS: Readonly<Record<Impact, (count: number) => string>> = {
  'breaks-start': count => `${count} that ${count === 1 ? 'keeps' : 'keep'} a guest from starting`,
  ineffective: count => `${count} without effect`,
  'hurts-latency': count => `${count} that ${count === 1 ? 'costs' : 'cost'} latency`,
  'worth-knowing': count => `${count} worth knowing`,
};

function describeFindings({ findings }: NodeStatus, paint: Paint): string {
  const parts = IMPACTS.flatMap(impact => (findings[impact] > 0 ? [IMPACT_WORDS[impact](findings[impact])] : []));
  if (parts.length === 0) return paint.good('nothing found');
  const text = `${parts.join(', ')}: \`berth doctor\` explains`;
  return findings['breaks-start'] > 0 ? paint.bad(text) : text;
}

function describeLast({ last }: NodeStatus, paint: Paint): string {
  if (last === null) return 'nothing was applied on this node yet';
  const what = `${last.action} ${last.id} of ${last.startedAt}`;
  if (last.state === 'done') return `${what}, done`;
  return `${what}, ${paint.bad(last.state === 'running' ? 'not finished' : 'stopped half way')}: \`berth undo\` takes it back`;
}
