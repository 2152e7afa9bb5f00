// Pressure stall information, of the host (`/proc/pressure/cpu`) and of a cgroup (`cpu.pressure`) (kernel doc: accounting/psi).
import { ParseError } from '#domain/errors.ts';

/** Microseconds in which some task was stalled. Example line: `some avg10=0.00 avg60=0.00 avg300=0.00 total=2573333654`. */
export function parseStalledUs(text: string): number {
  const total = /^some .*\btotal=(\d+)$/m.exec(text)?.[1];
  if (total === undefined) throw new ParseError(`Cannot parse pressure "${text.slice(0, 80)}": it has no "some" total`);
  return Number(total);
}
