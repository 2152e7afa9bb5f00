// Writes kernel parameters into the file of the boot loader and lets the loader take them; where that fails the file is as it was.
import { BOOT_FILES, editKernelLine } from '#boot/boot-files.ts';
import { bootWords } from '#boot/boot-words.ts';
import type { StepRecord } from '#domain/journal.ts';
import type { Host } from '#host/host.ts';
import { HostError } from '#host/host-error.ts';
import { runCommand } from '#host/run-command.ts';
import type { Progress } from './steps.ts';

type BootRecord = Extract<StepRecord, { kind: 'boot' }>;

/** Looking for other systems on every disk takes its time. */
const COMMAND_TIMEOUT_MS = 10 * 60_000;
/** Anybody may read what GRUB's own files say. */
const NEW_FILE_MODE = 0o644;

/** Where the file is as before, the loader may have been told all the same: only its command makes that certain. */
export function bootState(record: BootRecord, host: Host): Progress {
  const state = fileState(record, host.read(BOOT_FILES[record.loader].path));
  if (state === null) return { foreign: describeForeign(record) };
  return state === 'after' ? 'after' : 'mixed';
}

/** @throws HostError with what the command says; the file has then its old text. */
export async function applyBoot(record: BootRecord, host: Host): Promise<void> {
  const { path, command } = BOOT_FILES[record.loader];
  const now = host.read(path);
  const state = fileState(record, now);
  if (state === null) throw new HostError('refused', `${describeForeign(record)}; it was left as it is`);
  if (state === 'before') replaceAndCheck(host, path, textAfter(record, now));
  if (host.simulated) return;
  try {
    await runCommand(command, { timeoutMs: COMMAND_TIMEOUT_MS });
    refuseUnmade(record, host);
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    throw await rollBack(error, record, { host, now });
  }
}

/** Somebody may have edited the line of systemd-boot elsewhere, and our words are still found in it. Null: not as it was, nor as it will be. */
function fileState({ loader, before, after, words }: BootRecord, now: string | null): 'before' | 'after' | null {
  if (now === after) return 'after';
  if (now === before) return 'before';
  if (loader !== 'systemd-boot' || now === null) return null;
  const there = bootWords(now.split('\n', 1)[0] ?? '');
  const has = (some: readonly string[], others: readonly string[]) =>
    some.every(word => there.includes(word)) && !others.some(word => !some.includes(word) && there.includes(word));
  if (has(words.after, words.before)) return 'after';
  return has(words.before, words.after) ? 'before' : null;
}

const textAfter = ({ before, after, words }: BootRecord, now: string | null): string | null =>
  now === before || now === null ? after : editKernelLine(now, words.before, words.after);

const describeForeign = ({ loader }: BootRecord): string => `${BOOT_FILES[loader].path} was changed by somebody else`;

function replaceAndCheck(host: Host, path: string, text: string | null): void {
  const isNew = host.read(path) === null;
  host.replaceFile(path, text, isNew ? NEW_FILE_MODE : undefined);
  if (host.read(path) !== text) throw new HostError('failed', `${path} does not read back as it was written`);
}

/** @throws HostError when the loader's configuration can be read, and lacks what it was told. */
function refuseUnmade({ loader, words }: BootRecord, host: Host): void {
  const { made, command } = BOOT_FILES[loader];
  if (made === null) return;
  const config = host.read(made) ?? '';
  const lacking = words.after.filter(word => !config.includes(word));
  if (lacking.length === 0) return;
  throw new HostError('failed', `\`${command.join(' ')}\` succeeded, but ${made} has no ${lacking.join(' ')}`);
}

/** With the old text the command is run once more: it may have served some partitions before it failed. */
async function rollBack(
  failure: HostError,
  { loader }: BootRecord,
  { host, now }: { readonly host: Host; readonly now: string | null },
): Promise<HostError> {
  const { path, command } = BOOT_FILES[loader];
  const { message, reason } = failure;
  try {
    replaceAndCheck(host, path, now);
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    const what = `and ${path} could not be put back (${error.message}): the journal has its text`;
    return new HostError(reason, `${message}; ${what}`, { cause: failure });
  }
  const restored = `${message}. ${path} is as it was`;
  if (reason === 'missing') return new HostError(reason, restored, { cause: failure });
  try {
    await runCommand(command, { timeoutMs: COMMAND_TIMEOUT_MS });
    return new HostError(reason, `${restored}, and the boot loader was told so`, { cause: failure });
  } catch {
    const rest = `; \`${command.join(' ')}\` fails with that, too: run it again once its cause is removed, before a reboot`;
    return new HostError(reason, restored + rest, { cause: failure });
  }
}
