// What settings of the kernel were before Berth first changed them since the host was started: a line `PATH<tab>VALUE` each, in /run as they themselves are.
import { isSameSetting, parseKernelThreadPath, settingKind } from '#domain/kernel-setting.ts';
import type { TextTree } from '#domain/text-tree.ts';
import type { Host } from './host.ts';
import { HostError } from './host-error.ts';
import { readSetting, writeSetting } from './kernel-settings.ts';

export const FOUND_SETTINGS_PATH = '/run/berth/found-settings';

/** Of those that are not as they were found. Lines that name no setting of ours are left out. */
export function readFoundSettings(tree: TextTree): ReadonlyMap<string, string> {
  const lines = (tree.read(FOUND_SETTINGS_PATH) ?? '').split('\n');
  return new Map(
    lines.flatMap(line => {
      const tab = line.lastIndexOf('\t');
      const path = line.slice(0, Math.max(tab, 0));
      return settingKind(path) === null ? [] : [[path, line.slice(tab + 1)] as const];
    }),
  );
}

/**
 * Writes a setting, where it is not so already; what it was found with is on record before, and forgotten once it is so again.
 * @throws HostError `gone` when there is no such setting any more, else as the kernel refuses it
 */
export function changeSetting(host: Host, path: string, value: string): void {
  const now = readSetting(host, path);
  const kind = settingKind(path);
  if (now === null || kind === null) throw new HostError('gone', `${path} is not there any more`);
  const notes = readFoundSettings(host);
  const found = notes.get(path) ?? now;
  const isAsFound = isSameSetting(kind.form, found, value);
  const isNew = !notes.has(path) && !isAsFound;
  if (isNew) saveNotes(host, new Map([...notes, [path, found]]));
  try {
    if (!isSameSetting(kind.form, now, value)) writeSetting(host, path, value);
  } catch (error) {
    if (isNew && error instanceof HostError) saveNotes(host, notes);
    throw error;
  }
  if (isAsFound) saveNotes(host, new Map([...notes].filter(([other]) => other !== path)));
}

/** Without those of threads that have ended. */
function saveNotes(host: Host, notes: ReadonlyMap<string, string>): void {
  const tids = new Set(host.list('/proc'));
  const lines = [...notes].flatMap(([path, value]) => {
    const thread = parseKernelThreadPath(path);
    return thread !== null && !tids.has(`${thread.tid}`) ? [] : [`${path}\t${value}\n`];
  });
  const text = lines.join('');
  if (text !== (host.read(FOUND_SETTINGS_PATH) ?? '')) host.replaceFile(FOUND_SETTINGS_PATH, text === '' ? null : text);
}
