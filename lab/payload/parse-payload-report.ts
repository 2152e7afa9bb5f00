// What the payload writes to its serial port, from wherever the reader came in, and also while it still writes.
import { ParseError } from '#domain/errors.ts';

export interface PayloadReport {
  /** From 1. */
  readonly number: number;
  /** Since the payload began to watch. */
  readonly atUs: number;
  readonly tscKHz: number;
  /** What took no longer than this is not counted as a gap. */
  readonly gapFloorUs: number;
  readonly touchedMiB: number;
  /** By APIC id, which is the vCPU's index where the numbers of cores and threads are powers of two. */
  readonly vcpus: ReadonlyMap<number, VcpuCounts>;
}

/** All since the vCPU came up, but for the longest gap. */
export interface VcpuCounts {
  readonly loops: number;
  /** The sum of all gaps: the vCPU always wants to run, and then it did not. */
  readonly lostUs: number;
  /** The longest gap since the report before; 0 when there was none. */
  readonly longestGapUs: number;
  /** How many gaps lasted at least 2^k and less than 2^(k+1) µs, by k. */
  readonly gaps: ReadonlyMap<number, number>;
}

// Up to 15 digits: a number holds them all.
const BEGIN = /^report (\d{1,15}) at (\d{1,15}) us tsc (\d{1,15}) khz floor (\d{1,15}) us touched (\d{1,15}) MiB$/;
const VCPU = /^vcpu (\d{1,15}) loops (\d{1,15}) lost (\d{1,15}) us max (\d{1,15}) us gaps((?: \d{1,15}:\d{1,15})*)$/;

/**
 * The format is described in payload.asm. What stands between reports, such as a firmware's words or the rest of a report whose
 * beginning nobody read, is passed over, and so are a line and a report at the end that are not complete.
 * @throws ParseError with the line for anything that the payload does not say inside a report.
 */
export function parsePayloadReport(text: string): readonly PayloadReport[] {
  const reports: PayloadReport[] = [];
  let open: OpenReport | null = null;
  for (const [index, line] of text.split('\n').slice(0, -1).entries()) {
    if (open === null) open = beginReport(line);
    else if (line === `end ${open.number}`) {
      reports.push(open);
      open = null;
    } else addVcpu(open, line, index + 1);
  }
  return reports;
}

interface OpenReport extends PayloadReport {
  readonly vcpus: Map<number, VcpuCounts>;
}

/** Example: `report 17 at 8501234 us tsc 2299984 khz floor 46 us touched 62 MiB`. Null for a line that begins no report. */
function beginReport(line: string): OpenReport | null {
  const match = BEGIN.exec(line);
  if (!match) return null;
  const [number = 0, atUs = 0, tscKHz = 0, gapFloorUs = 0, touchedMiB = 0] = match.slice(1).map(Number);
  return { number, atUs, tscKHz, gapFloorUs, touchedMiB, vcpus: new Map() };
}

/** Example: `vcpu 3 loops 123456 lost 90123 us max 8123 us gaps 12:5 13:1`. */
function addVcpu({ number, vcpus }: OpenReport, line: string, at: number): void {
  const match = VCPU.exec(line);
  if (!match)
    throw new ParseError(`Expected a vCPU or the end of report ${number}, found "${line.slice(0, 80)}"`, { line: at });
  const [apicId = 0, loops = 0, lostUs = 0, longestGapUs = 0] = match.slice(1, 5).map(Number);
  if (vcpus.has(apicId)) throw new ParseError(`vCPU ${apicId} is twice in report ${number}`, { line: at });
  vcpus.set(apicId, { loops, lostUs, longestGapUs, gaps: parseGaps(match[5] ?? '') });
}

/** Example: ` 12:5 13:1`. */
function parseGaps(text: string): ReadonlyMap<number, number> {
  const pairs = text.split(' ').slice(1);
  return new Map(
    pairs.map(pair => {
      const [power = 0, count = 0] = pair.split(':').map(Number);
      return [power, count];
    }),
  );
}
