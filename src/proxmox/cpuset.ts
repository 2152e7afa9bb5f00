// The `affinity` value of a VM: what Proxmox accepts, and what taskset then makes of it when the VM starts.
import { invariant, ParseError } from '#domain/errors.ts';
import { encodeIdList } from '#domain/id-list.ts';
import { type CpuSet, cpuSet } from '#domain/id-set.ts';

/**
 * `set`: the VM is confined to these CPUs.
 * `ignored`: Proxmox accepts the value and starts the VM without any mask (`0`, and the empty text).
 * `breaks-start`: Proxmox accepts it, taskset does not: the VM cannot start.
 * `rejected`: Proxmox refuses to set it, and drops the line when it reads the file.
 * `cpus` are those that the value names.
 */
export type AffinityView =
  | { readonly kind: 'set'; readonly cpus: CpuSet }
  | { readonly kind: 'ignored'; readonly cpus: CpuSet }
  | { readonly kind: 'breaks-start'; readonly cpus: CpuSet; readonly reason: string }
  | { readonly kind: 'rejected'; readonly reason: string };

/** taskset drops larger numbers from its mask, whatever the machine. */
const LARGEST_CPU = 65_535;

/** Reads an `affinity` value: `0-3,8`. Never throws: a broken value is an answer too. */
export function parseAffinity(text: string): AffinityView {
  try {
    return judgeAtStart(text, expandRanges(parseCpusetRanges(text)));
  } catch (error) {
    if (error instanceof ParseError) return { kind: 'rejected', reason: error.message };
    throw error;
  }
}

/**
 * Proxmox's own grammar for a cpuset: spaces around entries and trailing commas pass, strides and empty entries do not.
 * There is no upper bound, so ranges are returned unexpanded.
 * @throws ParseError naming the bad entry.
 */
export function parseCpusetRanges(text: string): readonly (readonly [first: number, last: number])[] {
  const entries = text.replace(/,*$/, '');
  if (entries === '') return [];
  return entries.split(',').map(entry => {
    const match = /^[ \t\n\r\f\v]*(\d+)(?:-(\d+))?[ \t\n\r\f\v]*$/.exec(entry);
    if (!match) throw new ParseError(`"${entry}" is neither a CPU nor a range of CPUs`);
    const first = Number(match[1]);
    const last = match[2] === undefined ? first : Number(match[2]);
    if (last < first) throw new ParseError(`range start ${first} is after end ${last}`);
    return [first, last] as const;
  });
}

/** The value that gives a VM this mask. A lone `0` would be ignored (Perl takes it for "false"), hence `0-0`. */
export function encodeAffinity(cpus: CpuSet): string {
  invariant(!cpus.isEmpty, 'an affinity without CPUs');
  const text = encodeIdList(cpus);
  return text === '0' ? '0-0' : text;
}

function judgeAtStart(text: string, cpus: CpuSet): AffinityView {
  if (text === '' || text === '0') return { kind: 'ignored', cpus };
  if (!/^\d+(-\d+)?(,\d+(-\d+)?)*$/.test(text)) {
    return { kind: 'breaks-start', cpus, reason: 'taskset reads neither spaces nor a trailing comma' };
  }
  if (cpus.isEmpty) return { kind: 'breaks-start', cpus, reason: 'no machine has such a CPU' };
  return { kind: 'set', cpus };
}

function expandRanges(ranges: readonly (readonly [number, number])[]): CpuSet {
  const ids: number[] = [];
  for (const [first, last] of ranges) {
    for (let id = first; id <= Math.min(last, LARGEST_CPU); id++) ids.push(id);
  }
  return cpuSet(ids);
}
