// Commands that change the lines of a guest's config by hand, for somebody to run before or after a move.
import type { VmId } from '#domain/ids.ts';

/** Null: the line goes. */
export interface WantedValue {
  readonly key: string;
  readonly after: string | null;
}

/** `qm set 100 --affinity 0-3 --delete numa0,numa1`; of a running guest it reaches only what is pending. */
export function makeQmSet(vmid: VmId, values: readonly WantedValue[]): readonly string[] {
  const set = values.flatMap(({ key, after }) => (after === null ? [] : [`--${key}`, after]));
  const gone = values.filter(({ after }) => after === null).map(({ key }) => key);
  return ['qm', 'set', `${vmid}`, ...set, ...(gone.length === 0 ? [] : ['--delete', gone.join(',')])];
}

/** One `sed` for each line, of the main section alone: everything before the first `[section]`. */
export function makeFileEdits(path: string, values: readonly WantedValue[]): readonly (readonly string[])[] {
  return values.map(({ key, after }) => {
    const line = `^${key.replaceAll('.', '\\.')}:`;
    const script = after === null ? `1,/^\\[/{/${line}/d}` : `1,/^\\[/s|${line}.*|${key}: ${after}|`;
    return ['sed', '-i', script, path];
  });
}

/** `cpus=0-3,memory=8192,hostnodes=0,policy=bind` → `cpus=0-3,memory=8192`: what the guest sees stays. */
export const withoutHostNodes = (value: string): string =>
  value
    .split(',')
    .filter(part => !/^(hostnodes|policy)=/.test(part))
    .join(',');
