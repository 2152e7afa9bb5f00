// The changes of a plan as a diff, step by step in the order in which they will be made.
import type { GuestThread } from '#domain/guest.ts';
import { encodeIdList } from '#domain/id-list.ts';
import type { Change } from '#domain/plan.ts';
import { renderInterruptChange } from './interrupts-text.ts';
import { renderLayerChange } from './layer-text.ts';
import type { Paint } from './paint.ts';
import { printable } from './printable.ts';

export function renderChanges(changes: readonly Change[], paint: Paint): string[] {
  if (changes.length === 0) return ['Nothing needs to change on the host.'];
  return [
    paint.bold(changes.length === 1 ? '1 change' : `${changes.length} changes`),
    ...changes.flatMap(change => renderChange(change, paint)),
  ];
}

function renderChange(change: Change, paint: Paint): string[] {
  switch (change.kind) {
    case 'config':
      return renderConfig(change, paint);
    case 'threads':
      return renderThreads(change, paint);
    case 'partition': {
      const [before, after] = [change.before, change.after].map(cpus => (cpus === null ? 'none' : encodeIdList(cpus)));
      return [`  VM ${change.vmid}, partition for its vCPUs ${paint.bad(before ?? '')} → ${paint.good(after ?? '')}`];
    }
    case 'unit': {
      const [before, after] = [change.before, change.after].map(cpus =>
        cpus === null ? 'as configured' : encodeIdList(cpus),
      );
      return [
        `  ${printable(change.unit)}, CPUs until the next boot ${paint.bad(before ?? '')} → ${paint.good(after ?? '')}`,
      ];
    }
    case 'interrupts':
      return renderInterruptChange(change, paint);
    case 'layer':
      return renderLayerChange(change, paint);
    case 'cpuset': {
      const before = change.before.isEmpty ? 'inherited' : encodeIdList(change.before);
      return [
        `  container ${change.vmid}, live cpuset ${paint.bad(before)} → ${paint.good(encodeIdList(change.after))}`,
      ];
    }
  }
}

function renderConfig(change: Extract<Change, { kind: 'config' }>, paint: Paint): string[] {
  const when = change.section === 'pending' ? ', for its next start' : '';
  const edits = change.edits.flatMap(({ key, before, after }) => [
    ...(before === null ? [] : [paint.bad(`    - ${key}: ${printable(before)}`)]),
    ...(after === null ? [] : [paint.good(`    + ${key}: ${printable(after)}`)]),
  ]);
  const rewrites = change.rewrites.map(({ line, before, after }) => {
    const fate = after === null ? 'will be dropped' : `will become "${printable(after)}"`;
    return paint.warn(`    ! line ${line} "${printable(before)}" ${fate} when Proxmox rewrites the file`);
  });
  return [`  ${change.path}${paint.dim(when)}`, ...edits, ...rewrites];
}

/** Threads with the same move on one line: vCPUs first, in their order. */
function renderThreads({ vmid, threads }: Extract<Change, { kind: 'threads' }>, paint: Paint): string[] {
  const moves = new Map<string, string[]>();
  const order = [...threads].sort((a, b) => rank(a) - rank(b));
  for (const thread of order) {
    const move = `${encodeIdList(thread.before)} ${encodeIdList(thread.after)}`;
    moves.set(move, [...(moves.get(move) ?? []), labelOf(thread)]);
  }
  return [
    `  VM ${vmid}, live threads`,
    ...[...moves].map(([move, labels]) => {
      const [before = '', after = ''] = move.split(' ');
      return `    ${summarize(labels)}: ${paint.bad(before)} → ${paint.good(after)}`;
    }),
  ];
}

type Moved = Pick<GuestThread, 'role' | 'tid'>;

const rank = ({ role, tid }: Moved): number =>
  (role.kind === 'vcpu' ? role.index : role.kind === 'iothread' ? 1e6 : 2e6) + tid / 1e9;

const labelOf = ({ role }: Moved): string =>
  role.kind === 'vcpu'
    ? `vCPU ${role.index}`
    : role.kind === 'iothread'
      ? `iothread ${printable(role.id)}`
      : 'emulator';

/** `vCPU 0, vCPU 1, 5 emulator threads`. */
function summarize(labels: readonly string[]): string {
  const emulators = labels.filter(label => label === 'emulator').length;
  const vcpus = labels.filter(label => label.startsWith('vCPU ')).map(label => Number(label.slice(5)));
  const iothreads = labels.filter(label => label.startsWith('iothread'));
  const first = vcpus[0];
  const ofVcpus = vcpus.length > 1 ? [`vCPUs ${first}-${vcpus.at(-1)}`] : vcpus.map(vcpu => `vCPU ${vcpu}`);
  const isRange = vcpus.every((vcpu, index) => vcpu === (first ?? 0) + index);
  const shown = isRange ? ofVcpus : [`vCPUs ${vcpus.join(',')}`];
  return [...shown, ...iothreads, ...(emulators > 0 ? [`${emulators} emulator threads`] : [])].join(', ');
}
