// The kernel's list and mask forms of id sets: `0-3,8` (cpulist) and `ff,00000000` (cpumap).
import { ParseError } from './errors.ts';
import { type CpuSet, cpuSet, IdSet, type NodeSet } from './id-set.ts';

/** Above every kernel's NR_CPUS and MAX_NUMNODES; a larger number is a typo, not a machine. */
const LARGEST_ID = 65_535;

/**
 * Reads a cpulist as the kernel prints it (`Documentation/admin-guide/cputopology.rst`): `0-3,8`, trailing newline allowed.
 * An empty text is the empty set: a memory-only node has no CPUs.
 */
export const parseCpuList = (text: string): CpuSet => parseIdList(text, 'CPU list');

/** Reads a node list, as in `/sys/devices/system/node/online`: `0-1,33`. */
export const parseNodeList = (text: string): NodeSet => parseIdList(text, 'node list');

/**
 * Reads ids and ranges between separators; `what` names the form in errors.
 * @throws ParseError for signs, spaces, reversed ranges, empty entries and ids over 65535.
 */
export function parseIdList<Id extends number>(text: string, what: string, separator = ','): IdSet<Id> {
  const list = text.replace(/\n$/, '');
  if (list === '') return IdSet.of();
  const fail = (reason: string): never => {
    throw new ParseError(`Cannot parse ${what} "${list}": ${reason}`);
  };
  const ids: number[] = [];
  for (const entry of list.split(separator)) {
    const match = /^(\d+)(?:-(\d+))?$/.exec(entry);
    if (!match) return fail(entry === '' ? 'an entry is empty' : `"${entry}" is neither an id nor a range`);
    const start = Number(match[1]);
    const end = match[2] === undefined ? start : Number(match[2]);
    if (start > end) return fail(`range start ${start} is after end ${end}`);
    if (end > LARGEST_ID) return fail(`${end} is larger than any id (${LARGEST_ID})`);
    for (let id = start; id <= end; id++) ids.push(id);
  }
  return IdSet.of(ids as Id[]);
}

/** `0-3,8`; the empty set is the empty text. */
export function encodeIdList<Id extends number>(set: IdSet<Id>, separator = ','): string {
  const ranges: string[] = [];
  let start: number | undefined;
  set.ids.forEach((id, index) => {
    start ??= id;
    if (set.ids[index + 1] === id + 1) return;
    ranges.push(start === id ? `${id}` : `${start}-${id}`);
    start = undefined;
  });
  return ranges.join(separator);
}

/** Reads a cpumap, groups of 32 bits in hex, highest first: `00000001,0000000f` is CPUs 0-3 and 32. */
export function parseCpuMask(text: string): CpuSet {
  const mask = text.trim();
  if (!/^[0-9a-f]{1,8}(,[0-9a-f]{8})*$/i.test(mask)) {
    throw new ParseError(`Cannot parse CPU mask "${mask}": expected groups of up to eight hex digits`);
  }
  const ids: number[] = [];
  [...mask.replaceAll(',', '')].reverse().forEach((digit, position) => {
    const bits = Number.parseInt(digit, 16);
    for (let bit = 0; bit < 4; bit++) if (bits & (1 << bit)) ids.push(position * 4 + bit);
  });
  return cpuSet(ids);
}

/** The mask of a set over CPUs 0..`width`-1, as `Cpus_allowed:` in `/proc/PID/status` shows it. */
export function encodeCpuMask(set: CpuSet, width: number): string {
  const groups: string[] = [];
  for (let base = 0; base < Math.max(width, 1); base += 32) {
    let bits = 0;
    for (let bit = 0; bit < 32; bit++) if (set.has((base + bit) as never)) bits += 2 ** bit;
    groups.unshift(bits.toString(16).padStart(8, '0'));
  }
  return groups.join(',');
}
