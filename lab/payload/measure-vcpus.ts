// How much each vCPU of a payload ran between two reports, and how long it had to wait.
import { invariant } from '#domain/errors.ts';
import type { PayloadReport } from './parse-payload-report.ts';

export interface VcpuMeasure {
  /** How much was done: compares vCPUs of one host with each other. */
  readonly loopsPerS: number;
  /** Of a whole CPU, from 0 to 1: the part of the time that was in no gap. */
  readonly share: number;
  readonly longestGapUs: number;
}

/**
 * From the first of these reports, which follow each other, to the last. A vCPU that came later than the first is left out.
 * @returns by APIC id
 */
export function measureVcpus(reports: readonly PayloadReport[]): ReadonlyMap<number, VcpuMeasure> {
  const [first, ...later] = reports;
  const last = later.at(-1);
  invariant(first !== undefined && last !== undefined, 'a measurement needs two reports');
  const elapsedUs = last.atUs - first.atUs;
  const measures = new Map<number, VcpuMeasure>();
  for (const [apicId, before] of first.vcpus) {
    const after = last.vcpus.get(apicId);
    invariant(after !== undefined, `report ${last.number} has lost vCPU ${apicId}`);
    measures.set(apicId, {
      loopsPerS: ((after.loops - before.loops) * 1_000_000) / elapsedUs,
      // A gap counts when it is over: one that began before the first report can be longer than the time since.
      share: Math.max(0, 1 - (after.lostUs - before.lostUs) / elapsedUs),
      longestGapUs: Math.max(...later.map(({ vcpus }) => vcpus.get(apicId)?.longestGapUs ?? 0)),
    });
  }
  return measures;
}
