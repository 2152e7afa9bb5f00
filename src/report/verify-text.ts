// What verify found, guest by guest.
import type { Inventory } from '#domain/inventory.ts';
import type { GuestState, VerifyReport } from '#domain/verify-report.ts';
import { renderFindings } from './findings-text.ts';
import { renderMib } from './memory-text.ts';
import type { Paint } from './paint.ts';
import { nameOf } from './plan-text.ts';

export function renderVerify(report: VerifyReport, inventory: Inventory, paint: Paint): string {
  const special = report.guests.filter(guest => guest.class !== 'shared' || guest.state === 'deviates');
  const shared = report.guests.filter(guest => guest.class === 'shared' && guest.state !== 'deviates');
  const rows = special.map(guest => {
    const memory =
      guest.residentMiB === null ? '' : `, ${renderMib(guest.localMiB ?? 0)} of ${renderMib(guest.residentMiB)} local`;
    const threads = guest.threadsChecked > 0 ? `, ${guest.threadsChecked} threads` : '';
    return `${stateMark(guest.state, paint)} ${paint.bold(`${guest.vmid}`)} ${nameOf(guest.vmid, inventory)}: ${guest.class}, ${STATES[guest.state]}${threads}${memory}`;
  });
  const others = shared.length > 0 ? [`${paint.good('✓')} ${shared.length} shared guests keep off dedicated CPUs`] : [];
  const lines = [
    `${paint.bold(`Verify ${report.node}`)}${inventory.simulated ? paint.warn('  [simulated]') : ''}  isolation: ${report.isolation}`,
    ...rows,
    ...others,
    ...(report.findings.length > 0 ? ['', ...renderFindings(report.findings, paint)] : []),
  ];
  return `${lines.join('\n')}\n`;
}

const STATES: Readonly<Record<GuestState, string>> = {
  inForce: 'in force',
  restartPending: 'in force as far as a running guest can be; the rest waits for its next start',
  deviates: 'not as placed',
  stopped: 'stopped, its config is as placed',
  gone: 'not here any more',
};

function stateMark(state: GuestState, paint: Paint): string {
  if (state === 'inForce' || state === 'stopped') return paint.good('✓');
  return state === 'restartPending' ? paint.warn('~') : paint.bad('✗');
}
