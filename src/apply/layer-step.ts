// Sets the settings of one host layer, all or none; those that somebody else has changed since are left, and named.
import type { SettingMove } from '#domain/host-layer.ts';
import type { SettingCause, StepRecord } from '#domain/journal.ts';
import { isSameSetting, parseKernelThreadPath, settingKind } from '#domain/kernel-setting.ts';
import { changeSetting } from '#host/found-settings.ts';
import type { Host } from '#host/host.ts';
import { HostError } from '#host/host-error.ts';
import { readSetting } from '#host/kernel-settings.ts';
import type { Progress } from './steps.ts';

type LayerRecord = Extract<StepRecord, { kind: 'layer' }>;

export function layerState({ settings }: LayerRecord, host: Host): Progress {
  const there = settings.filter(({ path }) => readSetting(host, path) !== null);
  if (there.length === 0) return 'gone';
  const done = there.filter(({ path, after }) => is(host, path, after));
  if (done.length === there.length) return 'after';
  return done.length > 0 ? 'mixed' : 'before';
}

/**
 * @returns the record with what stayed, and why
 * @throws HostError when the kernel refuses a setting: those that were made before it are as they were
 */
export function applyLayer(record: LayerRecord, host: Host): LayerRecord {
  const made: SettingMove[] = [];
  const stayed: { path: string; cause: SettingCause }[] = [];
  for (const move of record.settings) {
    try {
      const cause = change(host, move);
      if (cause !== null) stayed.push({ path: move.path, cause });
      else made.push(move);
    } catch (error) {
      if (!(error instanceof HostError)) throw error;
      const left = putBack(host, made);
      const state = left.length === 0 ? 'what this step had set is as it was' : `not put back: ${left.join(', ')}`;
      throw new HostError(error.reason, `${error.message}; ${state}`, { cause: error });
    }
  }
  return { ...record, stayed };
}

/** Null when it is as it should be, or was already: what somebody who was killed had on record is then forgotten. */
function change(host: Host, { path, before, after }: SettingMove): SettingCause | null {
  if (readSetting(host, path) === null) return 'gone';
  if (!is(host, path, before) && !is(host, path, after)) return 'foreign';
  try {
    changeSetting(host, path, after);
    return null;
  } catch (error) {
    if (!(error instanceof HostError) || parseKernelThreadPath(path) === null) throw error;
    // Threads end, and new ones are bound a moment after they were born.
    return error.reason === 'gone' ? 'gone' : 'fixed';
  }
}

/** The paths of those that would not go back. */
function putBack(host: Host, made: readonly SettingMove[]): readonly string[] {
  return [...made].reverse().flatMap(({ path, before }) => {
    try {
      changeSetting(host, path, before);
      return [];
    } catch (error) {
      if (!(error instanceof HostError)) throw error;
      return error.reason === 'gone' ? [] : [path];
    }
  });
}

function is(host: Host, path: string, value: string): boolean {
  const now = readSetting(host, path);
  return now !== null && isSameSetting(settingKind(path)?.form ?? 'word', now, value);
}
