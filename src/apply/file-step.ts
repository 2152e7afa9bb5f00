// Replaces one file as a whole: our own files, and guest configs where Proxmox has no command for the change.

import type { VmId } from '#domain/ids.ts';
import type { StepRecord } from '#domain/journal.ts';
import type { Host } from '#host/host.ts';
import { HostError } from '#host/host-error.ts';
import { lockFile } from '#host/lock.ts';
import { editGuestConfigText, parseGuestConfigText, rawConfigValue } from '#proxmox/guest-config-text.ts';
import type { Progress } from './steps.ts';

type FileRecord = Extract<StepRecord, { kind: 'file' }>;

export function fileState(record: FileRecord, host: Host): Progress {
  const now = host.read(record.path);
  if (now === record.after) return 'after';
  if (now === record.before) return 'before';
  if (now === null && record.vmid !== null) return 'gone';
  if (record.config === null || now === null) return { foreign: `${record.path} was changed by somebody else` };
  const values = record.config.edits.map(edit => ({ ...edit, now: valueIn(now, record, edit.key) }));
  if (values.every(edit => edit.now === edit.after)) return 'after';
  // Other lines were edited: ours can still be changed without losing those.
  if (values.every(edit => edit.now === edit.before)) return 'before';
  const changed = values.find(edit => edit.now !== edit.before && edit.now !== edit.after);
  const what = changed ? `${changed.key} is now ${changed.now ?? 'unset'}` : 'only some of its values are as they were';
  return { foreign: `${record.path} was changed by somebody else: ${what}` };
}

/** The value that counts in the section: a pending deletion counts as no value, an absent pending line as the main section's. */
function valueIn(text: string, { config }: FileRecord, key: string): string | null {
  const lines = parseGuestConfigText(text);
  const main = rawConfigValue(lines, 'main', key);
  if (config?.section !== 'pending') return main;
  const deleted = (rawConfigValue(lines, 'pending', 'delete') ?? '').split(/[ ,;]+/);
  return deleted.includes(key) ? null : (rawConfigValue(lines, 'pending', key) ?? main);
}

export function applyFile(record: FileRecord, host: Host): void {
  const lock = record.vmid === null || host.simulated ? null : lockConfig(host, record.path, record.vmid);
  try {
    const state = fileState(record, host);
    if (state === 'after') return;
    if (state !== 'before') {
      const why = typeof state === 'object' ? state.foreign : `${record.path} is ${state}`;
      throw new HostError('refused', `${why}; it was left as it is. Plan again to include that change`);
    }
    const now = host.read(record.path);
    const text = now === record.before || record.config === null ? record.after : editedText(now ?? '', record);
    host.replaceFile(record.path, text);
    if (host.read(record.path) !== text) {
      throw new HostError('failed', `${record.path} does not read back as it was written`);
    }
  } finally {
    lock?.release();
  }
}

/** Our values put into a file that was edited elsewhere since. */
function editedText(text: string, { config }: FileRecord): string {
  const set = new Map<string, string>();
  const remove: string[] = [];
  for (const { key, after } of config?.edits ?? []) after === null ? remove.push(key) : set.set(key, after);
  return editGuestConfigText(text, { section: config?.section ?? 'main', set, remove });
}

/** Proxmox's own lock for this guest's config, so that none of its commands writes at the same time. */
function lockConfig(host: Host, path: string, vmid: VmId) {
  const isContainer = path.includes('/lxc/');
  const directory = isContainer ? '/run/lock/lxc' : '/var/lock/qemu-server';
  if (host.list(isContainer ? '/run/lock' : '/var/lock').includes(isContainer ? 'lxc' : 'qemu-server')) {
    return lockFile(host, isContainer ? `${directory}/pve-config-${vmid}.lock` : `${directory}/lock-${vmid}.conf`);
  }
  return null;
}
