// Numbers as QEMU reads them in `-object` and `-numa`, which is not as Proxmox writes them.

const LARGEST_UINT16 = 65_535;

const MIB = 2 ** 20;

/**
 * The bytes of a size in MiB: `512`, `2730.66666666667`, `64.`; null when QEMU takes it for no size (`6e1`, `.5`, `-1`).
 * A fraction is rounded to whole bytes.
 */
export function parseQemuSize(text: string): number | null {
  const [, whole, fraction = ''] = /^\+?(\d+)(\.\d*)?$/.exec(text) ?? [];
  return whole === undefined ? null : Number(whole) * MIB + Math.round(Number(`0${fraction}`) * MIB);
}

/** First and last value of `3` or `0-3`; null when it is neither to QEMU, or too large. A leading zero makes a number octal. */
export function parseQemuRange(text: string): readonly [first: number, last: number] | null {
  const [, firstText, lastText] = /^(\d+)(?:-(\d+))?$/.exec(text) ?? [];
  if (firstText === undefined) return null;
  const first = parseQemuNumber(firstText);
  const last = lastText === undefined ? first : parseQemuNumber(lastText);
  if (first === null || last === null || last < first || last > LARGEST_UINT16) return null;
  return [first, last];
}

function parseQemuNumber(digits: string): number | null {
  if (!digits.startsWith('0')) return Number(digits);
  return /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : null;
}

/** The numbers of a range. */
export function countFromTo(first: number, last: number): readonly number[] {
  return Array.from({ length: last - first + 1 }, (_, offset) => first + offset);
}
