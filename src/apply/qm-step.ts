// Changes VM config values through Proxmox's own `qm set`, guarded by the file's digest.
import type { VmGuest } from '#domain/guest.ts';
import type { StepRecord } from '#domain/journal.ts';
import type { ConfigEdit } from '#domain/plan.ts';
import type { Host } from '#host/host.ts';
import { HostError } from '#host/host-error.ts';
import { digestOf } from '#host/read-guest-configs.ts';
import { runCommand } from '#host/run-command.ts';
import { parseVmGuest } from '#proxmox/parse-vm-guest.ts';
import { nextValue } from '#proxmox/placement-config.ts';
import type { Progress, StepContext } from './steps.ts';

type QmRecord = Extract<StepRecord, { kind: 'qm' }>;

/** `qm set` waits up to 10 s for the config lock by itself. */
const QM_TIMEOUT_MS = 60_000;

export function qmState(record: QmRecord, host: Host): Progress {
  const guest = readGuest(record, host);
  if (guest === null) return 'gone';
  const values = record.edits.map(edit => ({ ...edit, now: nextValue(guest, edit.key) }));
  if (values.every(edit => edit.now === edit.after)) return 'after';
  if (values.every(edit => edit.now === edit.before)) return 'before';
  const changed = values.find(edit => edit.now !== edit.before && edit.now !== edit.after);
  if (!changed) return 'mixed';
  return {
    foreign: `${changed.key} of guest ${record.vmid} is now ${changed.now ?? 'unset'}, changed by somebody else`,
  };
}

export async function applyQm(record: QmRecord, { host, qm }: StepContext): Promise<void> {
  if (qm === null) throw new HostError('missing', `There is no qm command to change guest ${record.vmid} with`);
  const text = host.read(record.path);
  const guest = readGuest(record, host);
  if (text === null || guest === null) throw new HostError('gone', `${record.path} is not there any more`);
  const state = qmState(record, host);
  if (state === 'after') return;
  if (typeof state === 'object') throw new HostError('refused', `${state.foreign}; it was left as it is. Plan again`);
  const { options, reverts } = qmOptions(record.edits, guest);
  const base = [qm, 'set', `${record.vmid}`] as const;
  if (reverts.length > 0) {
    await runCommand([...base, '--digest', digestOf(text), '--revert', reverts.join(',')], {
      timeoutMs: QM_TIMEOUT_MS,
    });
  }
  if (options.length > 0) {
    const digest = digestOf(host.read(record.path) ?? '');
    await runCommand([...base, '--digest', digest, ...options], { timeoutMs: QM_TIMEOUT_MS });
  }
  if (qmState(record, host) !== 'after') {
    const wrong = record.edits.find(({ key, after }) => nextValueNow(record, host, key) !== after);
    const now = wrong && (nextValueNow(record, host, wrong.key) ?? 'unset');
    throw new HostError('failed', `qm set reported success, but ${wrong?.key} of guest ${record.vmid} is ${now}`);
  }
}

/** A pending change back to what the main section holds is taken back; everything else is set or deleted. */
function qmOptions(edits: readonly ConfigEdit[], guest: VmGuest): { options: string[]; reverts: string[] } {
  const reverts: string[] = [];
  const removed: string[] = [];
  const options: string[] = [];
  for (const { key, after } of edits) {
    if (nextValue(guest, key) === after) continue;
    if (guest.pending.has(key) && (guest.raw.get(key) ?? null) === after) reverts.push(key);
    else if (after === null) removed.push(key);
    else options.push(`--${key}`, after);
  }
  if (removed.length > 0) options.push('--delete', removed.join(','));
  return { options, reverts };
}

function nextValueNow(record: QmRecord, host: Host, key: string): string | null {
  const guest = readGuest(record, host);
  return guest && nextValue(guest, key);
}

/** The config alone says what is set and what is pending. */
function readGuest({ vmid, path }: QmRecord, host: Host): VmGuest | null {
  const text = host.read(path);
  if (text === null) return null;
  return { ...parseVmGuest({ vmid, configPath: path, digest: digestOf(text), text }).guest, runtime: null };
}
