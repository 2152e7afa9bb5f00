// What to ask less of when there is no plan, as lines to paste where there is a command for it.
import type { Relaxation } from '#domain/alternative.ts';
import { renderMib } from './memory-text.ts';

export function renderRelaxations(relaxations: readonly Relaxation[]): string[] {
  if (relaxations.length === 0) {
    return ['No single change makes room: more than one guest would have to ask for less.'];
  }
  const rows = relaxations.map(relaxation => [commandOf(relaxation), reasonOf(relaxation)] as const);
  const width = Math.max(...rows.map(([command]) => command.length));
  return [
    'Each of these alone would make room:',
    ...rows.map(([command, reason]) => `  ${command.padEnd(width)}  # ${reason}`),
  ];
}

function commandOf(relaxation: Relaxation): string {
  switch (relaxation.kind) {
    case 'wish':
      return `berth policy set ${relaxation.vmid} ${relaxation.key}=${relaxation.to}`;
    case 'housekeeping':
      return `host: { housekeeping: { coresPerNode: ${relaxation.to} } }`;
    case 'memory':
      return `qm set ${relaxation.vmid} --memory ${relaxation.toMiB}`;
    case 'container-cores':
      return `pct set ${relaxation.vmid} --cores ${relaxation.to}`;
  }
}

function reasonOf(relaxation: Relaxation): string {
  switch (relaxation.kind) {
    case 'wish':
      return `instead of ${relaxation.from}`;
    case 'housekeeping':
      return `in policy.yaml, instead of ${relaxation.from ?? 'what is usual for this kind of host'}`;
    case 'memory':
      return `instead of ${renderMib(relaxation.fromMiB)}; the most that fits`;
    case 'container-cores':
      return `instead of ${relaxation.from}`;
  }
}
